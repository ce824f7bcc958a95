/** Time as a run sees it; timers are the runtime's own. */
export type Clock = {
  /** Unix milliseconds: what is written down, and what LaunchDarkly's resets are held against. It may jump. */
  now(): number;
  /** Milliseconds that only go forward: what waits and durations are measured by. */
  elapsed(): number;
};

/** The machine's clocks. */
export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };
