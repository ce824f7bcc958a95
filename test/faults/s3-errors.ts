import type { S3Effect, S3Fault } from '../aws/s3-server.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { spread } from './dice.ts';
import { type Fault, promise } from './fault.ts';
import { createStage, requireRecovery } from './stage.ts';

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
  trials: { usual: 33, long: 600 },
  atOnce: 4,
  waits: true,
  run: async (trial) => {
    const expected = await undisturbed(trial);
    const place = spread(trial.number, trial.of, Object.keys(places).length * kinds.length);
    const [where = '', matches = () => false] = Object.entries(places)[Math.floor(place / kinds.length)] ?? [];
    const { effect, name, times } = kinds[place % kinds.length] ?? { effect: 'SlowDown', name: '', times: 1 };
    const stage = await createStage(trial, { place: 's3' });
    stage.s3.faults = [{ match: matches, effect, times }];
    const { exitCode, stdout, stderr } = await stage.sync();
    promise(exitCode === 0 || exitCode === 1, `${name} while ${where}: exit code ${exitCode}`, stderr);
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
    return exitCode === 0 ? 'published all the same' : 'stopped with 1, then published';
  },
};
