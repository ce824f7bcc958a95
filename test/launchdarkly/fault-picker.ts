import type { Answer } from './answer.ts';
import type { Effect, Fault } from './faults.ts';
import type { ParsedRequest } from './request.ts';
import { mergeHeaders } from './send-answer.ts';

/** What goes wrong with one request. */
export interface PickedFaults {
  /** Takes the place of the answer, undefined where the answer is sent after all. */
  readonly effect: Effect | undefined;
  readonly delayMs: number;
  /** The answer with all changes made to it. */
  apply(answer: Answer): Answer;
}

/** Creates a function that counts requests by path and picks the faults that strike; undefined = none. */
export function createFaultPicker(faults: readonly Fault[]): (request: ParsedRequest) => PickedFaults | undefined {
  const askedBefore = new Map<string, number>();
  let total = 0;
  return (request) => {
    if (faults.length === 0) return undefined;
    const nth = askedBefore.get(request.path) ?? 0;
    askedBefore.set(request.path, nth + 1);
    const asked = { ...request, nth, total: total++ };
    const striking = faults.filter(({ match }) => match(asked));
    if (striking.length === 0) return undefined;
    return {
      effect: striking.find((fault) => 'effect' in fault),
      delayMs: striking.reduce((sum, fault) => sum + ('change' in fault && fault.change === 'delay' ? fault.ms : 0), 0),
      apply: (answer) => striking.reduce(applyChange, answer),
    };
  };
}

function applyChange(answer: Answer, fault: Fault): Answer {
  if (!('change' in fault)) return answer;
  if (fault.change === 'headers') return { ...answer, headers: mergeHeaders(answer.headers, fault.headers) };
  return fault.change === 'body' ? { ...answer, body: fault.rewrite(answer.body) } : answer;
}
