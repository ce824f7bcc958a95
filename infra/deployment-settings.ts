import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { parseTargets } from '../lambda/contract/targets.ts';
import { describeError, SyncError } from '../lambda/errors.ts';
import { nameProblem } from './deployment-name.ts';
import { type DeploymentEntries, deploymentEntries } from './deployment-schema.ts';
import { concurrencyProblem, reservationProblem } from './distributed/share-pace.ts';
import { type SyncSettings, settingProblems } from './sync-job/sync-settings.ts';

/** A deployment as `cdk.json` describes it, validated, with defaults filled in. */
export type DeploymentSettings = Omit<DeploymentEntries, 'targets' | 'settings' | 'account' | 'region'> & {
  /** Unique in an account and region: stack, database, workgroup, dashboard and metrics are named after it. */
  readonly name: string;
  readonly environment: { readonly account?: string; readonly region?: string };
  readonly targets: TargetsSource;
  readonly settings: SyncSettings;
};

/** A file, by its absolute path, or an object. */
export type TargetsSource =
  | { readonly file: string; readonly object?: undefined }
  | { readonly file?: undefined; readonly object: { readonly bucket: string; readonly key: string } };

/**
 * Reads the deployments of `cdk.json`'s context: an object of deployments by name, or its JSON text, as `-c deployments=…` gives it.
 * @param folder What paths of targets are relative to.
 * @throws SyncError of kind `configuration` with a line for everything that is wrong with any of them
 */
export function readDeployments(context: unknown, folder: string): DeploymentSettings[] {
  const problems: string[] = [];
  const named = Object.entries(readContext(context));
  const deployments = named.flatMap(([name, given]) => readDeployment(name, given, folder, problems));
  problems.push(...describeSharedPlaces(deployments));
  if (problems.length > 0) throw new SyncError('configuration', ['cdk.json, context:', ...problems].join('\n  '));
  return deployments;
}

type Entries = Readonly<Record<string, unknown>>;

function readContext(context: unknown): Entries {
  const example = '{"metric-group-sync": {"schedule": "cron(0 6 * * ? *)", "targets": "infra/targets.json"}}';
  let given = context;
  try {
    if (typeof context === 'string') given = JSON.parse(context);
  } catch (error) {
    throw new SyncError('configuration', `context deployments is no JSON (${describeError(error)}); give an object such as ${example}`);
  }
  if (isEntries(given) && Object.keys(given).length > 0) return given;
  throw new SyncError('configuration', `cdk.json, context: deployments is ${show(given)}; give an object such as ${example}`);
}

function readDeployment(name: string, given: unknown, folder: string, problems: string[]): DeploymentSettings[] {
  const note = (key: string, problem: string): void => void problems.push(`deployments.${name}${key === '' ? '' : `.${key}`} ${problem}`);
  const wrongName = nameProblem(name);
  if (wrongName !== undefined) problems.push(`deployments has the name ${show(name)}; it ${wrongName}`);
  if (!isEntries(given)) {
    note('', `is ${show(given)}; it must be an object`);
    return [];
  }
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(deploymentEntries, key)) note(show(key), `is unknown; there are ${Object.keys(deploymentEntries).join(', ')}`);
  }
  const result = v.safeParse(v.object(deploymentEntries), { ...required, ...given });
  for (const issue of result.issues ?? []) {
    const path = v.getDotPath(issue) ?? '';
    // Whoever mistakes the ARN for the token must not find the token in a build's log.
    const got = issue.input === undefined ? 'missing' : path === 'secretArn' ? 'wrong (not shown)' : show(issue.input);
    note(path, `is ${got}; it ${issue.message}`);
  }
  if (isEntries(given['settings'])) for (const problem of settingProblems(given['settings'])) note('settings:', problem);
  if (result.success) {
    const { distributed, reservedConcurrency } = result.output;
    const children = childrenOf(distributed);
    if (children !== undefined) {
      const problem = concurrencyProblem(children, result.output.settings as SyncSettings);
      if (problem !== undefined) note('distributed.maxConcurrency', `is ${children}; it ${problem}`);
      const reservation = reservationProblem(reservedConcurrency, children);
      if (reservation !== undefined) note('reservedConcurrency', `is ${reservedConcurrency}; it ${reservation}`);
    }
  }
  if (given['bucketName'] !== undefined) {
    for (const key of retentionsOfOwnBucket) {
      if (given[key] !== undefined) note(key, 'must not be given with bucketName: the lifecycle of a given bucket is its owner’s');
    }
  }
  const targets =
    typeof given['targets'] === 'string' && given['targets'] !== '' ? readTargetsSource(given['targets'], folder, note) : undefined;
  if (!result.success || targets === undefined) return [];
  const { account, region, settings, ...entries } = result.output;
  const environment = { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) };
  return [{ ...entries, name, environment, targets, settings: settings as SyncSettings }];
}

/** How many slices a deployment extracts at once; undefined where one function does it all. */
export const childrenOf = (distributed: DeploymentEntries['distributed']): number | undefined =>
  typeof distributed === 'object' ? distributed.maxConcurrency : distributed ? 1 : undefined;

/** Spelt out, so that what is missing is told by the entry's own rule. */
const required = { schedule: undefined, targets: undefined };

const retentionsOfOwnBucket = ['rawRetentionDays', 'oldVersionRetentionDays', 'queryResultRetentionDays'];

function readTargetsSource(given: string, folder: string, note: (key: string, problem: string) => void): TargetsSource | undefined {
  if (/^[a-z0-9+.-]+:\/\//i.test(given)) {
    const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([^*?]*[^*?/])$/.exec(given) ?? [];
    if (bucket !== undefined && key !== undefined) return { object: { bucket, key } };
    note('targets', `is ${show(given)}; it must be the path of a file, or s3://bucket/key without wildcards`);
    return undefined;
  }
  const file = resolve(folder, given);
  try {
    parseTargets(readFileSync(file, 'utf8'), given);
    return { file };
  } catch (error) {
    const isMalformed = error instanceof SyncError;
    note('targets', isMalformed ? `is wrong: ${error.message}` : `is ${show(given)}; the file cannot be read (${describeError(error)})`);
    return undefined;
  }
}

/** Two deployments that write to the same place would take each other's snapshots for their own. */
function describeSharedPlaces(deployments: readonly DeploymentSettings[]): string[] {
  const given = deployments.filter(({ bucketName }) => bucketName !== undefined);
  return given.flatMap((one, index) =>
    given
      .slice(index + 1)
      .filter((other) => other.bucketName === one.bucketName && isWithin(one.outputPrefix, other.outputPrefix))
      .map(
        (other) =>
          `deployments.${one.name} and deployments.${other.name} share a place in ${one.bucketName}; give each an outputPrefix of its own`,
      ),
  );
}

const isWithin = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map((prefix) => (prefix === '' ? '' : `${prefix}/`));
  return a !== undefined && b !== undefined && (a.startsWith(b) || b.startsWith(a));
};

const isEntries = (value: unknown): value is Entries => typeof value === 'object' && value !== null && !Array.isArray(value);

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
