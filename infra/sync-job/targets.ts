import { readFileSync } from 'node:fs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { parseTargets } from '../../lambda/contract/targets.ts';

/** The one object that holds a job's targets. */
export type TargetsObject = { readonly bucket: IBucket; readonly key: string };

/** Where a job's list of targets comes from. */
export type Targets = {
  /** Makes sure, in the scope of the job, that the object is there. */
  readonly place: (scope: Construct) => TargetsObject;
};

/**
 * Targets from a local file, deployed with the stack: a change of the list is a deployment, and reviewed as code.
 * @throws SyncError of kind `configuration` that names each wrong entry
 */
export function targetsFromFile(path: string): Targets {
  parseTargets(readFileSync(path, 'utf8'), path);
  return {
    place: (scope) => {
      const asset = new Asset(scope, 'Targets', { path });
      return { bucket: asset.bucket, key: asset.s3ObjectKey };
    },
  };
}

/** Targets from an object that somebody else keeps up to date; the job reads it anew with every snapshot. */
export const targetsFromBucket = (bucket: IBucket, key: string): Targets => ({ place: () => ({ bucket, key }) });
