/** Makes a request take longer before anything else happens to it. */
export interface Delay {
  readonly delayMs: number;
}

/** Something that goes wrong for matching requests, on the first `times` of them. */
export interface Fault<Request, Effect> {
  readonly match: (request: Request) => boolean;
  /** @default every matching request */
  readonly times?: number;
  readonly effect: Effect | Delay;
}

/** What the faults of a list do to one request. */
export interface FaultChoice<Effect> {
  readonly delayMs: number;
  readonly effect: Effect | undefined;
}

/**
 * Makes the function that picks a request's faults: matching delays add up, until the first other fault, which ends the search.
 * Uses are counted per fault object, whatever list it is in.
 */
export function createFaultPicker<Request, Effect extends string>(): (
  faults: readonly Fault<Request, Effect>[],
  request: Request,
) => FaultChoice<Effect> {
  const uses = new WeakMap<Fault<Request, Effect>, number>();
  return (faults, request) => {
    let delayMs = 0;
    for (const fault of faults) {
      const used = uses.get(fault) ?? 0;
      if (used >= (fault.times ?? Number.POSITIVE_INFINITY) || !fault.match(request)) continue;
      uses.set(fault, used + 1);
      if (typeof fault.effect === 'string') return { delayMs, effect: fault.effect };
      delayMs += fault.effect.delayMs;
    }
    return { delayMs, effect: undefined };
  };
}
