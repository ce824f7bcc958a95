import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

// The same job in the plainest way, to hold the sync against: a loop of workers, fetch, JSON, three tables, gzip. It checks nothing, keeps no
// raw answers, cannot be resumed, and gives a group up after six attempts.
// Usage: node test/bench/plain-sync.ts URL TARGETS_FILE OUTPUT_FOLDER WORKERS, the token in LAUNCHDARKLY_ACCESS_TOKEN
const [url = '', targetsFile = '', folder = '', workers = '1'] = process.argv.slice(2);
const targets = JSON.parse(await readFile(targetsFile, 'utf8')) as { projectKey: string; metricGroupKey: string }[];
const headers = { Authorization: process.env['LAUNCHDARKLY_ACCESS_TOKEN'] ?? '', 'LD-API-Version': 'beta' };
const tables = { metric_groups: [] as string[], metric_group_metrics: [] as string[], metric_group_experiments: [] as string[] };
const maxAttempts = 6;
let next = 0;
let lost = 0;

await Promise.all(Array.from({ length: Number(workers) }, work));
for (const [table, lines] of Object.entries(tables)) await writeFile(join(folder, `${table}.jsonl.gz`), gzipSync(lines.join('')));
process.stdout.write(`${JSON.stringify({ groups: tables.metric_groups.length, lost })}\n`);

async function work(): Promise<void> {
  for (let target = targets[next++]; target !== undefined; target = targets[next++]) {
    const group = await ask(
      `/api/v2/projects/${target.projectKey}/metric-groups/${target.metricGroupKey}?expand=experiments,experimentCount`,
    );
    if (group === undefined) lost++;
    else addRows(target.projectKey, group);
  }
}

async function ask(path: string): Promise<Group | undefined> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const response = await fetch(url + path, { headers });
    if (response.ok) return (await response.json()) as Group;
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** attempt));
  }
  return undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: the plainest way has no types of the answer
type Group = any;

function addRows(project_key: string, group: Group): void {
  const keys = { project_key, metric_group_key: group.key, metric_group_id: group._id };
  const extracted_at = new Date();
  const member = group.maintainer?._member ?? group.maintainer?.member;
  const row = {
    ...keys,
    name: group.name,
    kind: group.kind,
    description: group.description,
    tags: group.tags,
    maintainer_kind: group.maintainer?.kind,
    maintainer_key: group.maintainer?.key,
    maintainer_email: member?.email,
    maintainer_first_name: member?.firstName,
    maintainer_last_name: member?.lastName,
    maintainer_role: member?.role,
    version: group._version,
    created_at: new Date(group._creationDate),
    last_modified_at: new Date(group._lastModified),
    metric_keys: group.metrics.map((metric: Group) => metric.key),
    metric_count: group.metrics.length,
    experiment_count: group.experimentCount,
    extracted_at,
  };
  tables.metric_groups.push(`${JSON.stringify(row)}\n`);
  group.metrics.forEach((metric: Group, index: number) => {
    const row = {
      ...keys,
      position: index + 1,
      metric_key: metric.key,
      metric_version_id: metric._versionId,
      metric_name: metric.name,
      metric_kind: metric.kind,
      name_in_group: metric.nameInGroup,
      is_numeric: metric.isNumeric,
      event_key: metric.eventKey,
      unit_aggregation_type: metric.unitAggregationType,
      analysis_type: metric.analysisType,
      analysis_units: metric.analysisUnits,
      extracted_at,
    };
    tables.metric_group_metrics.push(`${JSON.stringify(row)}\n`);
  });
  for (const experiment of group.experiments ?? []) {
    const row = {
      ...keys,
      environment_key: experiment.environmentKey,
      environment_id: experiment.environmentId,
      experiment_key: experiment.key,
      experiment_name: experiment.name,
      created_at: new Date(experiment.creationDate),
      archived_at: experiment.archivedDate && new Date(experiment.archivedDate),
      extracted_at,
    };
    tables.metric_group_experiments.push(`${JSON.stringify(row)}\n`);
  }
}
