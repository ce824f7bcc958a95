import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { formatInstant } from '../../lambda/contract/instants.ts';
import type { Snapshot } from '../../lambda/contract/objects.ts';
import { askWarehouse } from '../../lambda/query/ask-warehouse.ts';
import { formatTable } from '../../lambda/query/format-rows.ts';
import { openLocalWarehouse } from '../../lambda/query/open-local-warehouse.ts';
import { chooseSnapshots } from './choose-snapshots.ts';
import { type DemoLaunchDarkly, demoTargets, startDemoLaunchDarkly } from './demo-launchdarkly.ts';
import { describedChanges } from './demo-world.ts';
import { describeNextSteps } from './next-steps.ts';
import { questions } from './questions.ts';
import { relaySignals } from './relay-signals.ts';
import { DemoStopped, runSync } from './run-sync.ts';

const output = 'metric-group-tables';
const signals = relaySignals();
// A reader that goes away (`| head`) does not keep the demo from tidying up.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  await runDemo();
} catch (error) {
  process.exitCode = error instanceof DemoStopped ? error.exitCode : 1;
  const why = error instanceof DemoStopped ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`\nThe demo stopped: ${why}\nWhatever it wrote stays in ./${output}; npm start begins anew\n`);
} finally {
  signals.close();
}

async function runDemo(): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), 'metric-group-sync-demo-'));
  let launchDarkly: DemoLaunchDarkly | undefined;
  try {
    launchDarkly = await startDemoLaunchDarkly();
    const { before, after } = chooseSnapshots(output, Date.now());
    const targets = join(temporary, 'targets.json');
    await writeFile(targets, `${JSON.stringify(demoTargets, null, 2)}\n`);
    await syncTwice(launchDarkly, targets, before, after);
    await showTables(before, after);
    say(describeNextSteps(output));
  } finally {
    await launchDarkly?.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

async function syncTwice(launchDarkly: DemoLaunchDarkly, targets: string, before: Snapshot, after: Snapshot): Promise<void> {
  const sync = async ({ atMs }: Snapshot): Promise<void> => {
    const snapshotTime = `${formatInstant(atMs).slice(0, 19).replace(' ', 'T')}Z`;
    const flags = ['--targets', targets, '--output', output, '--base-url', launchDarkly.url, '--snapshot-time', snapshotTime];
    say(`   $ npm run sync -- ${flags.join(' ')}\n`);
    await runSync({ flags, token: launchDarkly.token, signals: signals.listen });
    signals.throwIfGot();
  };
  say(`metric-group-sync, the demo: it needs no account, and takes about 15 seconds.

   A simulated LaunchDarkly answers at ${launchDarkly.url}, on this machine. It has a rate limit that other
   programs use too: the first snapshot has to wait for it once, some 9 seconds. And some of its answers are odd, as real
   ones are: a 503 that passes, a group that is listed and gives 404, a field in no documentation, a date written as text.`);
  title('1. The targets: three keys that exist, one that does not, and every group of a project');
  for (const target of demoTargets) say(`   ${JSON.stringify(target)}`);
  title('2. The first snapshot, as if taken before');
  await sync(before);
  title('3. Life goes on in LaunchDarkly');
  for (const change of describedChanges) say(`   ${change}`);
  launchDarkly.change();
  title('4. The second snapshot, of now');
  await sync(after);
}

async function showTables(before: Snapshot, after: Snapshot): Promise<void> {
  title('5. What the tables say (asked through DuckDB, an SQL engine in this process)');
  const warehouse = await openLocalWarehouse(output);
  try {
    for (const { title, sql } of questions) {
      say(`   ${styleText('bold', title, { stream: process.stdout })}\n`);
      const values = { before: before.id, after: after.id };
      const asked = Object.fromEntries(Object.entries(values).filter(([name]) => sql.includes(`$${name}`)));
      say(indent(formatTable(await askWarehouse(warehouse, sql, asked))));
    }
    const { rows } = await askWarehouse(warehouse, 'select count(*) from sync_snapshots where snapshot_id not in ($before, $after)', {
      before: before.id,
      after: after.id,
    });
    const others = Number(rows[0]?.[0]);
    if (others > 0) say(`   Snapshots of earlier demos in the same tables, untouched: ${others}\n`);
  } finally {
    warehouse.close();
  }
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '   ');
}

function title(text: string): void {
  say(`\n${styleText('bold', text, { stream: process.stdout })}\n`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
