import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { maxSlices } from '../../lambda/contract/objects.ts';

/**
 * The list that the state machine reads its slices from: the numbers of all slices that any plan may have, in one object that never
 * changes and is deployed with the stack. How many of them a snapshot has, its plan says.
 */
export function createSliceList(scope: Construct, id: string): Asset {
  const folder = join(Stage.of(scope)?.outdir ?? 'cdk.out', 'slice-list');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'slices.json');
  writeFileSync(path, JSON.stringify(Array.from({ length: maxSlices }, (_, slice) => slice)));
  return new Asset(scope, id, { path });
}
