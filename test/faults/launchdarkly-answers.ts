import { readOutcomes } from '../end-to-end/read-output.ts';
import { requireContract } from '../end-to-end/scene.ts';
import * as faults from '../launchdarkly/faults.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { type Fault, promise } from './fault.ts';
import { secretToken } from './secrets.ts';
import { createStage, requireRecovery, smallWorld } from './stage.ts';

type Case = {
  readonly make: (match: faults.Match) => faults.Fault;
  /** The outcome where it always happens. */
  readonly status: 'failed' | 'invalid' | 'forbidden' | 'not_found' | 'succeeded';
  /** Its `error_code`. */
  readonly code: string | null;
  /** Whether another attempt is made: then the group succeeds where it happens once. */
  readonly isPassing: boolean;
};

const passing = (make: Case['make'], code: string, status: Case['status'] = 'failed'): Case => ({ make, status, code, isPassing: true });
const lasting = (make: Case['make'], status: Case['status'], code: string | null): Case => ({ make, status, code, isPassing: false });

const escapedToken = `{"t":"\\u0061${secretToken.slice(1)}"}`;

/** What may come back for one group, or instead of an answer. */
const cases: Readonly<Record<string, Case>> = {
  'HTML with 503': passing((match) => faults.answerHtml(match, 503), 'http_503'),
  'HTML with 200': passing((match) => faults.answerHtml(match, 200), 'invalid_body', 'invalid'),
  'an empty 500': passing((match) => faults.failWith(match, 500, ''), 'http_500'),
  '408': passing((match) => faults.failWith(match, 408), 'internal_error'),
  'a reset before the answer': passing(faults.resetBeforeAnswer, 'network'),
  'a reset in the body': passing(faults.resetMidBody, 'network'),
  silence: passing((match) => faults.hang(match, 'request'), 'timeout'),
  'silence after the headers': passing((match) => faults.hang(match, 'headers'), 'timeout'),
  'silence in the body': passing((match) => faults.hang(match, 'half-body'), 'timeout'),
  'a body byte by byte': passing((match) => faults.trickle(match, 30), 'timeout'),
  'white space without end': passing((match) => faults.trickle(match, 20, true), 'timeout'),
  'half of the JSON': passing(faults.truncateJson, 'invalid_body', 'invalid'),
  'a gzip that is none': passing((match) => faults.changeHeaders(match, { 'Content-Encoding': 'gzip' }), 'network'),
  'a body without end': lasting(faults.endlessBody, 'invalid', 'invalid_body'),
  'a gzip bomb': lasting((match) => faults.gzipBomb(match, 60), 'invalid', 'invalid_body'),
  'a redirect': lasting((match) => faults.redirectTo(match, 'http://127.0.0.1:9/elsewhere'), 'invalid', 'http_302'),
  'a 418': lasting((match) => faults.failWith(match, 418), 'invalid', 'internal_error'),
  'a 204': lasting((match) => faults.failWith(match, 204, ''), 'invalid', 'http_204'),
  'a 403': lasting((match) => faults.failWith(match, 403), 'forbidden', 'forbidden'),
  'a 404': lasting((match) => faults.failWith(match, 404), 'not_found', 'not_found'),
  'another group': lasting(
    (match) => faults.rewriteBody(match, (body) => body.replace('"key":"', '"key":"other-')),
    'invalid',
    'invalid_body',
  ),
  'text/html around JSON': lasting((match) => faults.changeHeaders(match, { 'Content-Type': 'text/html' }), 'succeeded', null),
  'the token in the body': lasting(
    (match) => faults.rewriteBody(match, (body) => body.replace('{', `{"zEcho":"${secretToken}",`)),
    'succeeded',
    null,
  ),
  'the token in a body in a body': lasting(
    (match) => faults.rewriteBody(match, (body) => body.replace('{', `{"zEcho":${JSON.stringify(escapedToken)},`)),
    'succeeded',
    null,
  ),
  'the token in an error': lasting((match) => faults.echoToken(match, 400), 'invalid', 'echo_[access token]'),
  'the token in a failure': passing((match) => faults.echoToken(match, 502), 'echo_[access token]'),
};

/** Answers that are none, come broken, late or from somebody else: once, or always for one group. */
export const launchDarklyAnswers: Fault = {
  name: 'broken answers of LaunchDarkly',
  promise:
    'What passes is asked again and the snapshot is complete; what stays makes the outcome that the contract names, for that group alone; no row is another than it should be.',
  trials: { usual: Object.keys(cases).length * 2, long: 920 },
  atOnce: 4,
  waits: true,
  run: async (trial) => {
    const details = trial.dice.pick(['keep', 'keep', 'hash', 'omit'] as const);
    const expected = await undisturbed(trial, details, smallWorld);
    const [name = '', { make, status, code, isPassing }] = Object.entries(cases)[
      Math.floor(trial.number / 2) % Object.keys(cases).length
    ] as [string, Case];
    const isOnce = trial.number % 2 === 0 && isPassing;
    const stage = await createStage(trial, { world: smallWorld, details });
    const key = trial.dice.pick(stage.launchDarkly.world.keys('storefront'));
    // Only what never ends must be waited for.
    const isSilent = /^(silence|white space|a body byte)/.test(name);
    const match = faults.onGroups(key);
    stage.launchDarkly.setFaults([make(isOnce ? faults.firstTimes(1, match) : match)]);
    const { exitCode, stderr } = await stage.sync(['--max-attempts', '3', '--request-timeout-ms', isSilent ? '1500' : '15000']);
    const wanted = isOnce || status === 'succeeded' || status === 'not_found' ? 0 : 3;
    promise(exitCode === wanted, `${name}: exit code ${exitCode}, not ${wanted}`, stderr);
    await requireContract(stage.directory);
    const { status: got, error_code: gotCode, attempts } = readOutcomes(stage.directory)[`storefront/${key}`] ?? {};
    promise(got === (isOnce ? 'succeeded' : status), `${name}: the outcome is ${got}`, stderr);
    // With hash and omit, a code is quoted only where it can be none but a code.
    const mayQuote = details === 'keep' || code === null || /^[a-z_]+$|^http_/.test(code);
    if (mayQuote) promise(gotCode === (isOnce ? null : code), `${name}: the code is ${gotCode}`);
    promise(attempts === (isOnce ? 2 : isPassing ? 3 : 1), `${name}: ${attempts} attempts`);
    requireSameTables(stage.objectsNow(), expected, isOnce ? undefined : key);
    if (trial.dice.chance(0.2)) {
      // A published snapshot stays as it is, and says so again.
      stage.launchDarkly.setFaults([]);
      const again = await stage.sync();
      const isThere = again.exitCode === wanted && /"alreadyPublished":true/.test(again.stdout);
      promise(isThere, `${name}: published, and then ${again.exitCode}`, again.stderr);
    }
    return isOnce ? 'once: complete' : `always: ${status}`;
  },
};

/** The token is refused, or everything fails, from some request on. */
export const launchDarklyBreaks: Fault = {
  name: '401 or an outage in the middle of a run',
  promise: 'Nothing is published (1) and the reason is told; once it is over, the next run asks for the rest alone and publishes.',
  trials: { usual: 12, long: 400 },
  run: async (trial) => {
    const expected = await undisturbed(trial);
    const stage = await createStage(trial, { latencyMs: 1 });
    const from = trial.dice.whole(112);
    const isRefused = trial.dice.chance(0.5);
    const match: faults.Match = ({ total }) => total >= from;
    stage.launchDarkly.setFaults([
      isRefused ? faults.failWith(match, 401) : trial.dice.chance(0.5) ? faults.answerHtml(match, 503) : faults.resetMidBody(match),
    ]);
    const { exitCode, stdout, stderr } = await stage.sync(['--max-attempts', '1', '--max-failed-percent', '0']);
    promise(exitCode === 1 && stdout === '', `exit code ${exitCode}`, stderr);
    promise(
      stderr.includes(isRefused ? '401' : '→') || /cannot be listed|failed in this run|without an answer/.test(stderr),
      'the run does not say why',
      stderr,
    );
    stage.launchDarkly.setFaults([]);
    await requireRecovery(stage, expected, requireSameTables);
    return isRefused ? '401: stopped, then published' : 'outage: stopped, then published';
  },
};
