import type { Clock } from '../clock.ts';
import { isAnswer, type PartLine } from '../contract/raw.ts';
import type { Environment } from '../contract/read-settings.ts';
import type { Wait } from '../extract/gate.ts';
import type { SyncEvent } from '../sync-job.ts';
import type { TerminalStream } from './command-context.ts';
import { describeProgress, describeWait, type FailureKind } from './describe.ts';

/** Shows a run on stderr: one line that changes on a terminal, plain lines elsewhere. */
export type Reporter = {
  readonly onEvent: (event: SyncEvent) => void;
  /** A line that stays. */
  say(line: string): void;
  /** Whether there is a plan, and so something to go on from. */
  isPlanned(): boolean;
  failures(): FailureKind[];
  asked(): { requests: number; rateLimited: number; waitedMs: number };
  /** Ends its timer and clears the changing line. */
  close(): void;
};

const redrawEveryMs = 200;
const plainLineEveryMs = 10_000;
/** As plain lines, waits of this length are news, once a minute. */
const newsworthyWaitMs = 3_000;
const waitNewsEveryMs = 60_000;

/** Makes the reporter of one run. */
export async function createReporter(stream: TerminalStream, environment: Environment, clock: Clock): Promise<Reporter> {
  // A terminal of no size, such as a pipe dressed up as one, gets plain lines.
  const isTerminal = stream.isTTY === true && environment['TERM'] !== 'dumb' && Number(stream.columns) > 0 && Number(stream.rows) > 0;
  const line = isTerminal ? (await import('log-update')).createLogUpdate(stream) : undefined;
  const failures = new Map<string, FailureKind>();
  let asked = { requests: 0, rateLimited: 0, waitedMs: 0 };
  let planned: { total: number; before: number; sinceMs: number } | undefined;
  let settled = 0;
  let waitToldAtMs = Number.NEGATIVE_INFINITY;
  let wait: { readonly begun: Wait; readonly untilMs: number } | undefined;

  const say = (text: string): void => {
    line?.clear();
    stream.write(`${text}\n`);
  };
  const show = (): void => {
    if (planned === undefined) return;
    const nowMs = clock.elapsed();
    const left = wait === undefined ? 0 : wait.untilMs - nowMs;
    const text = describeProgress({
      done: planned.before + settled,
      total: planned.total,
      settled,
      elapsedMs: nowMs - planned.sinceMs,
      wait: wait === undefined ? undefined : { ...wait.begun, forMs: left },
    });
    if (line !== undefined) line(text);
    else stream.write(`${text}\n`);
  };
  const timer = setInterval(show, isTerminal ? redrawEveryMs : plainLineEveryMs);

  const onOutcome = (outcome: PartLine): void => {
    settled++;
    if (isAnswer(outcome.status) && outcome.status !== 'not_found') return;
    const key = `${outcome.status} ${outcome.error_code}`;
    const before = failures.get(key);
    failures.set(key, {
      status: outcome.status,
      code: outcome.error_code ?? '',
      count: (before?.count ?? 0) + 1,
      // The example is shown and then forgotten: its body need not be held.
      example: before?.example ?? { ...outcome, body: null },
    });
  };

  return {
    say,
    onEvent: (event) => {
      if (event.kind === 'outcome') onOutcome(event.line);
      else if (event.kind === 'wait') {
        const nowMs = clock.elapsed();
        wait = { begun: event, untilMs: nowMs + event.forMs };
        if (isTerminal || event.forMs < newsworthyWaitMs || nowMs < waitToldAtMs + waitNewsEveryMs) return;
        waitToldAtMs = nowMs;
        say(describeWait(event));
      } else if (event.kind === 'planned') {
        planned = { total: event.targetCount, before: event.answered, sinceMs: clock.elapsed() };
        say(`${event.targetCount} targets${event.answered > 0 ? `, ${event.answered} of them answered before` : ''}`);
      } else if (event.kind === 'list changed') {
        say(
          'The list has changed since this snapshot was planned: this run follows the plan. For the new list, take a snapshot of another instant (--snapshot-time).',
        );
      } else if (event.kind === 'asked') asked = event;
      else if (event.kind === 'sealed')
        say(event.byThisRun ? 'Every target has an outcome: writing tables' : 'Found sealed: writing what is missing of its tables');
    },
    isPlanned: () => planned !== undefined,
    failures: () => [...failures.values()].sort((a, b) => b.count - a.count),
    asked: () => asked,
    close: () => {
      clearInterval(timer);
      line?.clear();
      line?.done();
    },
  };
}
