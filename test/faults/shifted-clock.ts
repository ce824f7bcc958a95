// Loaded with `--import` before the command line: the time of day begins elsewhere and jumps while the process runs; timers go on as ever.
const { startsAtMs, jumps } = JSON.parse(process.env['FAULT_CLOCK'] ?? '{}') as { startsAtMs: number; jumps: [number, number][] };
const begunAtMs = performance.now();
const RealDate = Date;

function now(): number {
  const passedMs = performance.now() - begunAtMs;
  return Math.floor(startsAtMs + passedMs + jumps.reduce((sum, [afterMs, byMs]) => sum + (passedMs >= afterMs ? byMs : 0), 0));
}

globalThis.Date = new Proxy(RealDate, {
  construct: (_target, args, newTarget) => Reflect.construct(RealDate, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
