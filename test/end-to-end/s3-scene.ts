import { join } from 'node:path';
import { DirectoryObjects } from '../aws/directory-objects.ts';
import { type SimulatedS3, startS3 } from '../aws/s3-server.ts';
import { createScene, type Scene } from './scene.ts';

/** A scene whose output is a simulated bucket that is also a directory. */
export type S3Scene = Scene & {
  readonly s3: SimulatedS3;
  /** The flags that lead there. */
  readonly toS3: readonly string[];
  /** What the simulated bucket holds below the prefix, as files. */
  readonly objects: string;
};

const bucket = 'analytics-tables';
const prefix = 'launch-darkly/metric groups';

/** Sets up a scene with a simulated S3. */
export async function createS3Scene(...args: Parameters<typeof createScene>): Promise<S3Scene> {
  const scene = await createScene(...args);
  const directory = join(scene.folder, 's3');
  const s3 = await startS3({ buckets: [bucket], objects: new DirectoryObjects(directory, [bucket]) });
  args[0].onTestFinished(() => s3.close());
  // The child's environment is made from this object for every run.
  Object.assign(scene.environment, s3.environment);
  return Object.assign(scene, { s3, toS3: ['--output', `s3://${bucket}/${prefix}/`], objects: join(directory, bucket, prefix) });
}
