import type { S3Effect, S3Fault } from '../aws/s3-server.ts';
import { groupsAsked } from '../end-to-end/scene.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { type Fault, promise } from './fault.ts';
import { answeredTargets, createStage, requireRecovery } from './stage.ts';

/** Requests by what they are about. */
const places: Readonly<Record<string, S3Fault['match']>> = {
  'reading the plan': ({ method, key }) => method === 'GET' && key.endsWith('plan.jsonl.gz'),
  'reading the seal': ({ method, key }) => method === 'GET' && key.endsWith('seal.json.gz'),
  'reading parts': ({ method, key }) => method === 'GET' && key.includes('/parts/'),
  'listing parts': ({ method, query }) => method === 'GET' && (query['prefix'] ?? '').includes('/parts/'),
  'listing commits': ({ method, query }) => method === 'GET' && (query['prefix'] ?? '').includes('sync_snapshots'),
  'writing the plan': ({ method, key }) => method === 'PUT' && key.endsWith('plan.jsonl.gz'),
  'writing parts': ({ method, key }) => method === 'PUT' && key.includes('/parts/'),
  'writing the seal': ({ method, key }) => method === 'PUT' && key.endsWith('seal.json.gz'),
  'writing the first table': ({ method, key }) => method === 'PUT' && key.includes('tables/sync_targets/'),
  'writing the last table': ({ method, key }) => method === 'PUT' && key.includes('tables/metric_group_experiments/'),
  'writing the commit': ({ method, key }) => method === 'PUT' && key.includes('tables/sync_snapshots/'),
};

type Kind = { readonly effect: S3Effect | { readonly delayMs: number }; readonly name: string; readonly times: number };
const once: readonly S3Effect[] = ['InternalError', 'SlowDown', 'ConditionalRequestConflict', 'reset-before', 'reset-after'];
const kinds: readonly Kind[] = [
  ...once.map((effect) => ({ effect, name: `${effect} once`, times: 1 })),
  { effect: 'PreconditionFailed', name: 'a 412 about nothing', times: 1 },
  { effect: 'wrong-checksum', name: 'a wrong checksum', times: 1 },
  { effect: 'wrong-checksum', name: 'wrong checksums always', times: Number.POSITIVE_INFINITY },
  { effect: 'cut-short', name: 'half of an answer', times: 1 },
  { effect: 'cut-short', name: 'halves of answers always', times: Number.POSITIVE_INFINITY },
  { effect: { delayMs: 1500 }, name: '1.5 s late', times: 2 },
  { effect: 'AccessDenied', name: 'access denied', times: Number.POSITIVE_INFINITY },
  { effect: 'NoSuchBucket', name: 'the bucket gone', times: Number.POSITIVE_INFINITY },
  { effect: 'reset-after', name: 'every answer lost', times: Number.POSITIVE_INFINITY },
  { effect: 'InternalError', name: 'InternalError always', times: Number.POSITIVE_INFINITY },
  { effect: 'SlowDown', name: 'SlowDown five times', times: 5 },
];

/** Errors of S3 at each kind of request. */
export const s3Errors: Fault = {
  name: 'errors of S3',
  promise:
    'The run publishes the right rows and ends with 0, or publishes nothing, ends with 1 and names the object and what to do; the next run finishes, and asks for nothing that was kept.',
  trials: { usual: 33, long: 704 },
  atOnce: 4,
  waits: true,
  run: async (trial) => {
    const expected = await undisturbed(trial);
    // The numbers of both have no common divisor: each trial is another pair, and few trials meet every place and every kind.
    const [where = '', matches = () => false] = Object.entries(places)[trial.number % Object.keys(places).length] ?? [];
    const { effect, name, times } = kinds[trial.number % kinds.length] ?? { effect: 'SlowDown', name: '', times: 1 };
    const stage = await createStage(trial, { place: 's3' });
    if (where.startsWith('reading') || where.startsWith('listing')) {
      // What is not there yet cannot be read badly: a run before leaves it.
      const missing = where === 'reading the seal' ? 'writing the commit' : 'writing the seal';
      stage.s3.faults = [{ match: places[missing] ?? matches, effect: 'AccessDenied' }];
      promise((await stage.sync()).exitCode === 1, `a run without leave for ${missing} does not end with 1`);
    }
    const kept = answeredTargets(stage.directory);
    const asked = stage.launchDarkly.requests.length;
    stage.s3.faults = [{ match: matches, effect, times }];
    const { exitCode, stdout, stderr } = await stage.sync();
    promise(exitCode === 0 || exitCode === 1, `${name} while ${where}: exit code ${exitCode}`, stderr);
    const twice = groupsAsked(stage.launchDarkly, asked).filter((group) => kept.has(group));
    promise(twice.length === 0, `${name} while ${where}: what was answered and kept is asked again`, twice);
    // What passes by itself must not end a run. S3 speaks of conflicts at writes alone.
    const isBridged =
      times <= 5 && name !== 'a 412 about nothing' && (effect !== 'ConditionalRequestConflict' || where.startsWith('writing'));
    promise(exitCode === 0 || !isBridged, `${name} while ${where}: the run gave up`, stderr);
    if (exitCode === 0) requireSameTables(stage.objectsNow(), expected);
    else {
      const isTold = stdout === '' && /output s3:\/\/\S+/.test(stderr) && /; .+/.test(stderr) && !stderr.includes('unexpected error');
      promise(isTold, `${name} while ${where}: the run does not say what happened`, stderr);
      promise(
        ![...stage.objectsNow().keys()].some((file) => file.includes('sync_snapshots')) || where === 'writing the commit',
        'a commit stands',
      );
    }
    stage.s3.faults = [];
    await requireRecovery(stage, expected, requireSameTables);
    return `${name}: ${exitCode === 0 ? 'published all the same' : 'stopped with 1, then published'}`;
  },
};
