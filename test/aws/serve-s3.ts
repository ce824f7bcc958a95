import { parseArgs } from 'node:util';
import { DirectoryObjects } from './directory-objects.ts';
import { startS3 } from './s3-server.ts';

const { values } = parseArgs({ options: { bucket: { type: 'string', multiple: true }, directory: { type: 'string' } } });
const { bucket: buckets = [], directory } = values;
if (buckets.length === 0) {
  console.error('usage: node test/aws/serve-s3.ts --bucket NAME [--bucket NAME …] [--directory DIR]');
  process.exit(2);
}

const objects = directory === undefined ? {} : { objects: new DirectoryObjects(directory, buckets) };
const { url, environment, close } = await startS3({ buckets, ...objects });
process.once('SIGTERM', close);
process.once('SIGINT', close);
console.log(JSON.stringify({ url, environment }));
