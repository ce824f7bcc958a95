import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatInstant } from '../../lambda/contract/instants.ts';
import { partName, partObject, type Snapshot } from '../../lambda/contract/objects.ts';
import type { PartLine, PlannedTarget } from '../../lambda/contract/raw.ts';
import { gzipNow } from '../../lambda/json/json-lines.ts';
import { createDirectoryOutput } from '../../lambda/output/directory-output.ts';
import { fetchPlan } from '../../lambda/snapshot/plan.ts';
import { createWorld, type World } from '../launchdarkly/world.ts';
import { projectKey } from './launchdarkly-process.ts';

/** Writes a part for every slice of a plan but one, with what the simulated LaunchDarkly would answer: far faster than asking it. */
export async function writeParts(directory: string, snapshot: Snapshot, groups: number, except: number): Promise<void> {
  const world = createWorld({ projects: { [projectKey]: groups } });
  const plan = await fetchPlan(createDirectoryOutput(directory), snapshot);
  if (plan === undefined) throw new Error('there is no plan');
  const extractedAt = formatInstant(snapshot.atMs);
  for await (const { index, targets } of plan.slices()) {
    if (index === except) continue;
    const path = join(directory, partObject(snapshot, partName(index, 0)));
    if (index === 0) await mkdir(dirname(path), { recursive: true });
    const lines = targets.map((target) => `${JSON.stringify(lineOf(world, target, extractedAt))}\n`);
    await writeFile(path, gzipNow(Buffer.from(lines.join('')), 3));
  }
}

function lineOf(world: World, { project_key, metric_group_key }: PlannedTarget, extracted_at: string): PartLine {
  return {
    project_key,
    metric_group_key,
    status: 'succeeded',
    http_status: 200,
    error_code: null,
    error_message: null,
    attempts: 1,
    rate_limited_count: 0,
    duration_ms: 50,
    extracted_at,
    body: world.body(project_key, metric_group_key, { experiments: true, experimentCount: true }) ?? null,
  };
}
