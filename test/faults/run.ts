import { parseArgs, styleText } from 'node:util';
import useTemporaryFolder from '../temporary-folder.ts';
import { describeSeen, writeReliabilityPage } from './describe.ts';
import type { Trial } from './fault.ts';
import { faults } from './faults.ts';
import { type FaultReport, runFault, TrialFailed } from './run-fault.ts';

// Breaks the program from outside, over and over, and holds it to its promises: `npm run test:faults`.
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '20261123' },
    only: { type: 'string' },
    trial: { type: 'string' },
    long: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const chosen = faults.filter(({ name }) => values.only === undefined || name.includes(values.only));
const trial = values.trial === undefined ? undefined : Number(values.trial);
if (!Number.isSafeInteger(seed) || chosen.length === 0 || (trial !== undefined && !Number.isSafeInteger(trial))) {
  process.stderr.write(`usage: npm run test:faults -- [--seed N] [--long] [--only NAME [--trial N]] [--write-docs]\n`);
  process.stderr.write(`names: ${faults.map(({ name }) => name).join(' · ')}\n`);
  process.exit(2);
}

const startedAtMs = performance.now();
// Killed processes and CDK leave files behind.
const removeTemporaryFolder = useTemporaryFolder();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
const shared = new Map<string, Promise<unknown>>();
const ends: (() => Promise<void>)[] = [];
const share: Trial['share'] = <T>(name: string, make: (onEnd: (end: () => Promise<void>) => void) => Promise<T>): Promise<T> => {
  const made = (shared.get(name) as Promise<T> | undefined) ?? make((end) => ends.push(end));
  shared.set(name, made);
  return made;
};
const reports: FaultReport[] = [];

/** Faults that mostly wait run beside those that work, so that both cores have something to do. */
async function runLane(lane: typeof faults): Promise<void> {
  for (const fault of lane) {
    if (stop.signal.aborted) return;
    const report = await runFault(fault, { seed, isLong: values.long, only: trial, share, stop: stop.signal });
    reports.push(report);
    const mark = `${styleText('green', 'ok')} ${report.seconds.toFixed(1).padStart(6)} s`;
    process.stdout.write(`${mark}  ${fault.name}: ${report.trials} trials: ${describeSeen(report.seen)}\n`);
  }
}

try {
  const lanes = [chosen.filter(({ waits }) => !waits), chosen.filter(({ waits }) => waits === true)];
  await Promise.all(
    lanes.map((lane) =>
      runLane(lane).catch((error) => {
        stop.abort();
        throw error;
      }),
    ),
  );
  if (stop.signal.aborted) process.exitCode = 130;
} catch (error) {
  process.exitCode = 1;
  if (!(error instanceof TrialFailed)) throw error;
  const { fault, trial, message } = error;
  const repeat = `npm run test:faults -- --seed ${seed}${values.long ? ' --long' : ''} --only '${fault.name}' --trial ${trial}`;
  process.stdout.write(`${styleText('red', 'BROKEN')}  ${fault.name}, trial ${trial}: ${message}\n\nTo repeat it: ${repeat}\n`);
} finally {
  for (const end of ends.reverse()) await end().catch((error) => process.stderr.write(`${error}\n`));
  removeTemporaryFolder();
}
const searched = reports.reduce((sum, report) => sum + report.searched, 0);
const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
if (values['write-docs'] && reports.length === faults.length && process.exitCode === undefined) {
  writeReliabilityPage(reports, faults, seed);
  process.stdout.write('\nWrote the table of docs/reliability.md\n');
}
process.stdout.write(`\nSeed ${seed}, ${seconds} s; ${Math.round(searched / 1e6)} million characters searched for secrets.\n`);
