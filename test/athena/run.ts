import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngines } from './engines.ts';
import { findJava } from './java.ts';
import { proveViews } from './prove-views.ts';

const notProved = `What this does not prove, because Trino 476 over moto is not Athena:
- Athena's own additions: UNLOAD itself, the workgroup with its limit, saved queries' parameters. UNLOAD's select is written as Parquet here.
- Access. Nothing here checks a policy; npm run test:deploy does for the tables.
- How Athena stores views. They are registered as in the template, in the form that Athena writes and Trino reads.
`;

// Proves the views and saved queries on Trino, which is what Athena runs: over Glue and S3 of an emulator, from the synthesized template.
const java = findJava(process.env);
if (java === undefined) {
  process.stdout.write(
    'SKIPPED: no Java from 24 on was found (on the PATH, in JAVA_HOME, under /usr/lib/jvm): nothing of the views is proved on Trino.\n',
  );
} else {
  await run(java);
}

async function run(java: string): Promise<void> {
  const startedAt = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'metric-group-sync-athena-'));
  const interrupt = new AbortController();
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupt.abort(new Error(`stopped by ${signal}`));
      closeAll();
    });
  }
  try {
    const closeLater = (close: () => Promise<void>): unknown => closers.push(close);
    const engines = await startEngines({ java, folder, interrupt: interrupt.signal, closeLater });
    await proveViews(engines);
  } catch (error) {
    process.exitCode = 1;
    const why = interrupt.signal.aborted ? interrupt.signal.reason : error;
    process.stderr.write(`\n${why instanceof Error ? why.message : String(why)}\n`);
  } finally {
    await closeAll();
    rmSync(folder, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(process.exitCode === 1 ? `\nFailed after ${seconds} s\n` : `\nAll of it holds, in ${seconds} s.\n\n${notProved}`);
}
