import { readFile } from 'node:fs/promises';
import type { Target } from './contract/raw.ts';
import type { Environment } from './contract/read-settings.ts';
import { parseTargets } from './contract/targets.ts';
import { describeError, SyncError } from './errors.ts';

/**
 * Reads the list of targets from a file or an `s3://` URI.
 * @throws SyncError of kind `configuration` where the list is missing or malformed, of kind `unreadable` where it cannot be read
 */
export async function readTargets(uri: string, environment: Environment): Promise<Target[]> {
  let text: string | undefined;
  try {
    text = uri.startsWith('s3://') ? await readFromS3(uri, environment) : await readFile(uri, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new SyncError(
        'unreadable',
        `targets ${uri}: cannot be read (${describeError(error)}); check the path and that reading it is allowed`,
        { cause: error },
      );
    }
  }
  if (text === undefined)
    throw new SyncError('configuration', `targets ${uri}: there is no such file or object; check --targets or TARGETS_URI`);
  return parseTargets(text, uri);
}

async function readFromS3(uri: string, environment: Environment): Promise<string | undefined> {
  const { createS3Client, parseS3Uri, readS3Object } = await import('./output/s3-output.ts');
  const client = createS3Client(environment);
  try {
    const { bucket, key } = parseS3Uri(uri);
    return (await readS3Object(client, bucket, key))?.toString('utf8');
  } finally {
    client.destroy();
  }
}
