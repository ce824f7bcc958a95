import { readParts, readTable } from '../end-to-end/read-output.ts';
import { instantFromNow, requireContract } from '../end-to-end/scene.ts';
import { type Fault, promise } from './fault.ts';
import { withClock } from './preloads.ts';
import { createStage, type Place } from './stage.ts';

const hourMs = 3_600_000;
type Jumps = readonly (readonly [afterMs: number, byMs: number])[];

/** Instants at which calendars and clocks do something. */
const instants: Readonly<Record<string, readonly [startsAt: string, zone: string]>> = {
  'into a leap day': ['2028-02-28T23:59:59Z', 'UTC'],
  'out of a leap day': ['2028-02-29T23:59:59Z', 'UTC'],
  'into a new year': ['2026-12-31T23:59:59Z', 'UTC'],
  'a new year elsewhere': ['2026-12-31T10:59:59Z', 'Pacific/Kiritimati'],
  'into daylight saving': ['2027-03-28T00:59:59Z', 'Europe/Berlin'],
  'out of daylight saving': ['2026-10-25T00:59:59Z', 'Europe/Berlin'],
  'out of it in America': ['2026-11-01T05:59:59Z', 'America/New_York'],
  'half an hour of it': ['2027-04-03T14:59:59Z', 'Australia/Lord_Howe'],
  'a leap second': ['2016-12-31T23:59:59Z', 'UTC'],
  'the end of 32 bits': ['2038-01-19T03:14:07Z', 'Asia/Kolkata'],
};
/** How a clock may jump: how long after the start of the process, and by how much. */
const jumps: Readonly<Record<string, Jumps>> = {
  'no jump': [],
  'an hour back': [[600, -hourMs]],
  'an hour ahead': [[600, hourMs]],
  'two days ahead': [[600, 48 * hourMs]],
  'ten years back': [[600, -87_600 * hourMs]],
  'ahead and back again': [
    [500, 7 * hourMs],
    [700, -7 * hourMs],
  ],
  'back and forth every 100 ms': Array.from({ length: 30 }, (_, n) => [300 + n * 100, n % 2 === 0 ? -90_000 : 90_000] as const),
};

/** The time of day is somewhere special, and jumps while a run is at work. */
export const clocks: Fault = {
  name: 'clocks: jumps, leap day, new year, daylight saving',
  promise:
    'The run ends as ever; its snapshot has the UTC date of its instant; no duration is negative, and no snapshot ends before it began; a jump prolongs no wait by more than a minute.',
  trials: { usual: 16, long: 700 },
  run: async (trial) => {
    const names = Object.keys(instants);
    const name = names[trial.number % names.length] ?? '';
    // S3 has a clock of its own, and refuses a request that is signed more than 15 minutes away from it.
    const place: Place = trial.number % 4 === 3 ? 's3' : 'disk';
    const [startsAt, zone] = (place === 'disk' ? instants[name] : undefined) ?? [instantFromNow(0), 'UTC'];
    const [how, jumping] = trial.dice.pick(Object.entries(jumps));
    const stage = await createStage(trial, {
      place,
      instant: startsAt,
      latencyMs: 8,
      details: 'hash',
      ...(trial.dice.chance(0.3) ? { budget } : {}),
    });
    const startedAtMs = performance.now();
    const { exitCode, stdout, stderr } = await stage.sync(pace, withClock({ startsAtMs: Date.parse(startsAt), jumps: jumping, zone }));
    if (exitCode === 2 && /s ahead; up to 5 minutes|more than 24 hours back/.test(stderr)) {
      // The clock was elsewhere before the run looked at it: then it is right to refuse.
      promise(stage.objectsNow().size === 0, `${name}, ${how}: refused, and something is written`, stderr);
      return `${how}: refused, nothing written`;
    }
    promise(exitCode === 0, `${name}, ${how}: exit code ${exitCode}`, stderr);
    promise(performance.now() - startedAtMs < 120_000, `${name}, ${how}: a wait without end`, stderr);
    const row = JSON.parse(stdout) as Record<string, string>;
    promise(row['snapshot_id'] === startsAt.replaceAll(/[-:]/g, ''), `${name}: the snapshot is ${row['snapshot_id']}`);
    promise(
      String(row['finished_at']) >= String(row['started_at']),
      `${name}, ${how}: finished ${row['finished_at']}, started ${row['started_at']}`,
    );
    const dates = new Set([...stage.objectsNow().keys()].map((file) => /snapshot_date=([^/]+)/.exec(file)?.[1]));
    promise([...dates].join() === startsAt.slice(0, 10), `${name}: the dates are ${[...dates].join()}`);
    for (const line of [...readParts(stage.directory), ...readTable(stage.directory, 'sync_targets')])
      promise(Number(line['duration_ms']) >= 0, `${name}, ${how}: a negative duration`, line);
    await requireContract(stage.directory);
    return place === 'disk' ? how : `${how}, in S3`;
  },
};

/** Slow enough that the clock jumps while the run is at work. */
const pace = ['--max-requests-per-second', '150'];
/** Limits whose resets are told by a clock that is not ours. */
const budget = { windowMs: 1000, anchored: 'first-request', families: { route: { limit: 90 } } } as const;
