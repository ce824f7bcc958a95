import { instantFromNow } from '../end-to-end/scene.ts';
import type { InvocationEnd } from '../lambda/lambda-process.ts';
import { answerHtml, failWith } from '../launchdarkly/faults.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { type Fault, promise, type Trial } from './fault.ts';
import { createLambdaScene, type LambdaScene } from './lambda-scene.ts';
import { usualWorld } from './stage.ts';

const isPublished = (end: InvocationEnd): boolean => end.kind === 'response';
type Case = (scene: LambdaScene, event: object, trial: Trial) => Promise<InvocationEnd[]>;

/** What befalls the first invocations. */
const cases: Readonly<Record<string, Case>> = {
  'killed by the time limit': async (scene, event, { dice }) => [await (await scene.start()).invoke(event, 250 + dice.whole(1500))],
  'delivered twice at once': async (scene, event) => {
    const both = await Promise.all([scene.start(), scene.start()]);
    const ends = await Promise.all(both.map((lambda) => lambda.invoke(event)));
    promise(ends.every(isPublished), 'one of two deliveries fails', ends);
    return ends;
  },
  'errors of S3': async (scene, event, { dice }) => {
    const effect = dice.pick(['AccessDenied', 'reset-after', 'ConditionalRequestConflict', 'NoSuchBucket', 'reset-before'] as const);
    let left = dice.whole(22);
    const times = dice.pick([1, 2, 30]);
    scene.s3.faults = [{ match: ({ bucket }) => bucket === 'warehouse' && left-- <= 0, effect, times }];
    return [await (await scene.start()).invoke(event, 60_000)];
  },
  'an outage of LaunchDarkly': async (scene, event, { dice }) => {
    const from = dice.whole(110);
    scene.launchDarkly.setFaults([
      dice.chance(0.5) ? failWith(({ total }) => total >= from, 401) : answerHtml(({ total }) => total >= from, 503),
    ]);
    return [await (await scene.start()).invoke(event)];
  },
  'no secret': async (scene, event) => {
    scene.secrets.faults = [{ match: () => true, effect: 'AccessDeniedException' }];
    return [await (await scene.start()).invoke(event)];
  },
};

/** The bundle that is deployed, in AWS's runtime client. */
export const lambda: Fault = {
  name: 'the Lambda: killed, delivered twice, cut off',
  promise:
    'An invocation returns the row that it committed, or fails; the next delivery of the event publishes the rows of an undisturbed run.',
  trials: { usual: 10, long: 500 },
  atOnce: 2,
  run: async (trial) => {
    const details = trial.dice.pick(['keep', 'hash', 'omit'] as const);
    const expected = await undisturbed(trial, details);
    const instant = await trial.share('instant', async () => instantFromNow(-60_000));
    const scene = await createLambdaScene(trial, usualWorld, details);
    const [name = '', befall] = Object.entries(cases)[trial.number % Object.keys(cases).length] ?? [];
    const event = { scheduledTime: instant };
    const ends = (await befall?.(scene, event, trial)) ?? [];
    for (const end of ends) if (end.kind === 'error') promise(end.errorType === 'SyncError', `${name}: an error of another kind`, end);
    scene.s3.faults = [];
    scene.secrets.faults = [];
    scene.launchDarkly.setFaults([]);
    const again = await (await scene.start()).invoke(event);
    promise(isPublished(again), `${name}: the next delivery does not publish`, again);
    requireSameTables(scene.objects(), expected);
    return `${name}: ${ends.every(isPublished) ? 'published' : 'failed, then published'}`;
  },
};
