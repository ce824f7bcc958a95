import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { formatInstant } from '../../lambda/contract/instants.ts';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import { always, failWith, hang, onGroups } from '../launchdarkly/faults.ts';
import type { InvocationEnd } from './lambda-process.ts';
import { createLambdaScene, everyGroup, type LambdaScene, minutesAgo, type SceneLambda, secretId } from './lambda-scene.ts';

const groups = 10;
let scene: LambdaScene;
/** One environment for all failures, so that each leaves it fit for the next invocation. */
let lambda: SceneLambda;
/** The keys of all groups, in the order in which they are asked for. */
let keys: string[];

beforeAll(async () => {
  scene = await createLambdaScene(groups);
  lambda = await scene.start();
  keys = [...scene.launchDarkly.world.keys('demo')].sort();
});
afterEach(() => scene.mend());
afterAll(() => scene.close());

/** Instants that no other test takes. */
let minutes = 0;
const nextInstant = (): string => minutesAgo(++minutes);
const idOf = (scheduledTime: string): string => snapshotAt(Date.parse(scheduledTime)).id;
const error = (errorMessage: unknown): InvocationEnd => ({ kind: 'error', errorType: 'SyncError', errorMessage: errorMessage as string });

/** Invokes, and returns with how it ended the groups that were asked for, sorted; a listing is `*`. */
async function invoke(event: object, by = lambda, timeoutMs?: number): Promise<{ ended: InvocationEnd; asked: string[] }> {
  const before = scene.launchDarkly.requests.length;
  const ended = await by.invoke(event, timeoutMs);
  return {
    ended,
    asked: scene.launchDarkly.requests
      .slice(before)
      .map(({ metricGroupKey }) => metricGroupKey ?? '*')
      .sort(),
  };
}

/** The last line of the log about a snapshot that is not published. */
const lastFailure = (): Record<string, unknown> | undefined =>
  lambda
    .logs()
    .split('\n')
    .filter((line) => line.includes('"nothing is published"'))
    .map((line) => JSON.parse(line))
    .at(-1);

const soon = 10;
const dayAndMinute = 24 * 60 + 1;
const breakages: [string, kind: string, () => { readonly event: object; readonly message: unknown; readonly mend?: () => void }][] = [
  // The secrets first: once a token is known, no secret is read.
  [
    'a binary secret',
    'configuration',
    () => {
      scene.secrets.secrets.set(secretId, Buffer.from(scene.launchDarkly.token));
      return { event: {}, message: `the secret ${secretId} is binary; store the token as text` };
    },
  ],
  [
    'a JSON secret without a token',
    'configuration',
    () => {
      scene.secrets.secrets.set(secretId, JSON.stringify({ token: scene.launchDarkly.token }));
      return {
        event: {},
        message: `the secret ${secretId} is a JSON object without a text "accessToken"; store {"accessToken": "api-…"}`,
      };
    },
  ],
  [
    'a secret that may not be read',
    'configuration',
    () => {
      scene.secrets.faults = [{ match: () => true, effect: 'AccessDeniedException' }];
      const reason = 'AccessDeniedException: a fault of the simulated Secrets Manager: AccessDeniedException';
      return {
        event: {},
        message: `the secret ${secretId} cannot be read (${reason}); check ACCESS_TOKEN_SECRET_ID and that secretsmanager:GetSecretValue is allowed`,
        mend: () => scene.secrets.secrets.set(secretId, scene.launchDarkly.token),
      };
    },
  ],
  [
    'a malformed list of targets',
    'configuration',
    () => {
      scene.writeTargets([...everyGroup, { projectKey: 'demo' }]);
      return {
        event: {},
        message:
          'targets s3://lists/targets.json: a list such as [{"projectKey": "storefront", "metricGroupKey": "checkout-funnel"}] is needed\n' +
          '  [1] has no metricGroupKey',
        mend: () => scene.writeTargets(everyGroup),
      };
    },
  ],
  [
    'wrong properties of the event',
    'configuration',
    () => ({
      event: { scheduledTime: 'today', maxFailedPercent: 101, targets: [{ projectKey: 'a' }] },
      message: expect.stringMatching(
        /^scheduledTime of the event is "today"; .*\nmaxFailedPercent of the event is 101; .*\ntargets of the event: .*\n {2}\[0\] has no metricGroupKey$/,
      ),
    }),
  ],
  [
    'an instant that is too old',
    'configuration',
    () => {
      const scheduledTime = minutesAgo(dayAndMinute);
      return {
        event: { scheduledTime },
        message: `the snapshot's instant ${formatInstant(Date.parse(scheduledTime))} is more than 24 hours back and was never sealed: today's state is no answer about it; take a newer snapshot`,
      };
    },
  ],
  [
    'an instant that is too far ahead',
    'configuration',
    () => {
      const scheduledTime = minutesAgo(-soon);
      const at = formatInstant(Date.parse(scheduledTime)).replaceAll('.', '\\.');
      return {
        event: { scheduledTime },
        message: expect.stringMatching(
          new RegExp(`^the snapshot's instant ${at} is (600|59\\d) s ahead; up to 5 minutes are allowed: check the clock or the instant$`),
        ),
      };
    },
  ],
  [
    'S3 denies access',
    'output',
    () => {
      scene.s3.faults = [{ match: ({ bucket }) => bucket === 'warehouse', effect: 'AccessDenied' }];
      return { event: {}, message: expect.stringContaining('access denied: this needs s3:GetObject') };
    },
  ],
];

describe('before anything is asked', () => {
  test.each(breakages)('%s: the invocation fails as %s, and leaves nothing in the bucket', async (_name, kind, breakIt) => {
    const { event, message, mend } = breakIt();
    const scheduledTime = 'scheduledTime' in event ? String(event.scheduledTime) : nextInstant();
    const { ended, asked } = await invoke({ scheduledTime, ...event });
    mend?.();
    expect(ended).toEqual(error(message));
    expect(asked).toEqual([]);
    expect([...scene.s3.objects.keys()]).toEqual(['lists/targets.json']);
    expect(lastFailure()).toMatchObject({ level: 'ERROR', kind, reason: (ended as { errorMessage: string }).errorMessage });
  });

  test('wrong settings are named, all of them', async () => {
    const wrong = await scene.start({ MAX_ATTEMPTS: '0', OUTPUT_URI: 'gs://x', TARGETS_URI: '' });
    expect(await wrong.invoke({})).toEqual(
      error(expect.stringMatching(/^OUTPUT_URI is "gs:\/\/x"; .*\nMAX_ATTEMPTS is "0"; .*\n--targets or TARGETS_URI is missing: .*$/)),
    );
    expect(scene.launchDarkly.requests).toEqual([]);
  });
});

describe('while asking', () => {
  test('LaunchDarkly is down: fails without a plan, and the same snapshot is published later', async () => {
    const scheduledTime = nextInstant();
    scene.launchDarkly.setFaults([failWith(always, 503)]);
    const failed = await invoke({ scheduledTime });
    expect(failed).toEqual({ ended: error(expect.stringContaining('cannot be listed')), asked: ['*'] });
    expect(lambda.objects(scheduledTime)).toEqual([]);
    scene.mend();
    expect(await invoke({ scheduledTime })).toEqual({
      ended: { kind: 'response', value: lambda.committed(scheduledTime) },
      asked: ['*', ...keys],
    });
  });

  test('MAX_FAILED_PERCENT refuses to publish; the event lets it through, and what was answered is not asked again', async () => {
    const scheduledTime = nextInstant();
    const forbidden = keys.slice(2, 5);
    scene.launchDarkly.setFaults([failWith(onGroups(...forbidden), 403)]);
    const refused = await invoke({ scheduledTime });
    expect(refused).toEqual({
      ended: error(
        `snapshot ${idOf(scheduledTime)} is not published: 3 of 10 targets are without an answer, and MAX_FAILED_PERCENT=20 allows 2: ` +
          'mend what their messages say and run the same snapshot again (only they are asked), or allow more for once (--max-failed-percent, or maxFailedPercent in the event)',
      ),
      asked: ['*', ...keys],
    });
    expect(lastFailure()).toMatchObject({ kind: 'not_published' });
    expect(lambda.objects(scheduledTime)).toEqual(['parts/00000-00000', 'plan']);
    expect(await invoke({ scheduledTime, maxFailedPercent: 30 })).toEqual({
      ended: { kind: 'response', value: lambda.committed(scheduledTime) },
      asked: forbidden,
    });
    expect(lambda.committed(scheduledTime)).toMatchObject({ status: 'partial', targets_succeeded: 7, targets_forbidden: 3 });
  });

  test('more failures than MAX_FAILED_PERCENT stop it early; the retry asks for all that has no answer', async () => {
    const scheduledTime = nextInstant();
    scene.launchDarkly.setFaults([failWith(onGroups(...keys), 503)]);
    const stopped = await invoke({ scheduledTime });
    expect(stopped.ended).toEqual(
      error(
        expect.stringMatching(
          /^stopped asking: 3 of 10 targets failed in this run, and MAX_FAILED_PERCENT=20 allows 2\. The last was demo\/\S+ \(internal_error\)\. Run the same snapshot again once LaunchDarkly answers: what was answered is kept; [3-9] of 10 targets are settled and kept in snapshot \d{8}T\d{6}Z$/,
        ),
      ),
    );
    expect(stopped.asked.length).toBeLessThan(1 + groups);
    expect(lambda.objects(scheduledTime)).toEqual(['parts/00000-00000', 'plan']);
    scene.mend();
    expect(await invoke({ scheduledTime })).toEqual({ ended: { kind: 'response', value: lambda.committed(scheduledTime) }, asked: keys });
  });

  test('MAX_SHRINK_PERCENT refuses to publish; the event lets it through, and nothing is asked again', async () => {
    // Instants that come after those of the other tests, so that the snapshot before is known.
    const [before, scheduledTime] = [minutesAgo(-1), minutesAgo(-2)];
    expect((await invoke({ scheduledTime: before })).ended).toMatchObject({ value: { targets_succeeded: groups } });
    scene.launchDarkly.setFaults([failWith(onGroups(...keys.slice(0, 6)), 404)]);
    const refused = await invoke({ scheduledTime });
    expect(refused.ended).toEqual(
      error(
        `snapshot ${idOf(scheduledTime)} is not published: 4 groups succeeded, 6 fewer than the 10 of snapshot ${idOf(before)}, ` +
          'and MAX_SHRINK_PERCENT=50 does not allow it: if the list was shortened on purpose, let this snapshot through once ' +
          '(--max-shrink-percent 100, or maxShrinkPercent in the event)',
      ),
    );
    expect(lastFailure()).toMatchObject({ kind: 'not_published' });
    expect(lambda.objects(scheduledTime)).toEqual(['parts/00000-00000', 'plan']);
    expect(await invoke({ scheduledTime, maxShrinkPercent: 100 })).toEqual({
      ended: { kind: 'response', value: lambda.committed(scheduledTime) },
      asked: [],
    });
    expect(lambda.committed(scheduledTime)).toMatchObject({ status: 'complete', targets_not_found: 6 });
  });

  test('when every answer is invalid nothing is published, and the metric of its alarm is written', async () => {
    scene.launchDarkly.setFaults([failWith(onGroups(...keys), 418, { code: 'teapot', message: 'short and stout' })]);
    const { ended } = await invoke({ scheduledTime: nextInstant() });
    expect(ended).toEqual(error(expect.stringContaining('10 of 10 targets are without an answer')));
    expect(lambda.metrics().at(-1)).toMatchObject({ TargetsInvalid: groups });
  });
});

describe('out of time', () => {
  test('says how much is settled and how many more invocations it needs; each goes on from there', async () => {
    const scheduledTime = nextInstant();
    const kept = (settled: number): string => `${settled} of 10 targets are settled and kept in snapshot ${idOf(scheduledTime)}`;
    scene.launchDarkly.setFaults([hang(onGroups(...keys.slice(3)))]);
    const first = await invoke({ scheduledTime }, lambda, 2_500);
    expect(first.ended).toEqual(error(`time ran out: ${kept(3)}; about 3 more of this length will finish it, run the same snapshot again`));
    expect(lastFailure()).toMatchObject({ kind: 'out_of_time' });
    expect(lambda.objects(scheduledTime)).toEqual(['parts/00000-00000', 'plan']);

    const hurried = await scene.start({ OUTPUT_URI: lambda.outputUri, MAX_RUN_SECONDS: '2' });
    scene.launchDarkly.setFaults([hang(onGroups(...keys.slice(8)))]);
    const second = await invoke({ scheduledTime }, hurried);
    expect(second.ended).toEqual(
      error(`time ran out: ${kept(8)}; about 1 more of this length will finish it, run the same snapshot again`),
    );

    scene.launchDarkly.setFaults([hang(always)]);
    const third = await invoke({ scheduledTime }, hurried, 1_250);
    expect(third.ended).toEqual(
      error(`time ran out: ${kept(8)}; this run settled none: allow more time (MAX_RUN_SECONDS), or look at what LaunchDarkly answers`),
    );
    expect(lambda.objects(scheduledTime)).toEqual(['parts/00000-00000', 'parts/00000-00001', 'plan']);

    scene.mend();
    const last = await invoke({ scheduledTime });
    expect(last).toEqual({ ended: { kind: 'response', value: lambda.committed(scheduledTime) }, asked: keys.slice(8) });
    expect(first.asked.slice(0, 4)).toEqual(['*', ...keys.slice(0, 3)]);
    expect(second.asked.filter((key) => keys.indexOf(key) < 3)).toEqual([]);
    expect(third.asked.filter((key) => keys.indexOf(key) < 8)).toEqual([]);
  });
});
