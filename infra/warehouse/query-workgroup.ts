import { Size } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { Construct } from 'constructs';
import { folders, type OutputLocation, uriWithin } from '../output-location.ts';

/** What the queries of a warehouse may cost, and where their results go. */
export type QueryWorkgroupProps = {
  readonly name: string;
  readonly location: OutputLocation;
  readonly scanLimit: Size;
};

/** The workgroup that all queries of a warehouse run in; its limits hold whatever a client asks for. */
export function createQueryWorkgroup(scope: Construct, id: string, { name, location, scanLimit }: QueryWorkgroupProps): CfnWorkGroup {
  const key = location.bucket.encryptionKey;
  return new CfnWorkGroup(scope, id, {
    name,
    description: `Queries of the metric groups of ${name}`,
    // A workgroup that was used has a history of queries, and cannot be deleted without this.
    recursiveDeleteOption: true,
    workGroupConfiguration: {
      enforceWorkGroupConfiguration: true,
      publishCloudWatchMetricsEnabled: true,
      bytesScannedCutoffPerQuery: scanLimit.toBytes(),
      engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
      resultConfiguration: {
        outputLocation: uriWithin(location, folders.queryResults),
        encryptionConfiguration: key ? { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn } : { encryptionOption: 'SSE_S3' },
      },
    },
  });
}

/** The least that Athena takes as a limit. */
export const smallestScanLimit = Size.mebibytes(10);
