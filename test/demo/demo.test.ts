import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it, type TestContext } from 'vitest';
import { openTables } from '../duckdb/read-tables.ts';
import { compileCache } from '../end-to-end/run-cli.ts';

const demo = fileURLToPath(new URL('run.ts', import.meta.url));

type Running = { readonly output: string; readonly temporary: string; readonly ended: Promise<number | null>; readonly text: () => string };

/** Runs the demo in a folder of its own, with settings in its environment that must play no part. */
async function startDemo(
  { onTestFinished }: TestContext,
  onText: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const temporary = join(folder, 'temporary');
  await mkdir(temporary);
  const child = spawn(process.execPath, [demo], {
    cwd: folder,
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: compileCache,
      TMPDIR: temporary,
      LAUNCHDARKLY_ACCESS_TOKEN: 'api-real',
      MAX_RUN_SECONDS: 'nonsense',
      OUTPUT_URI: 's3://real',
    },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      onText(text, (signal) => child.kill(signal));
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { output: join(folder, 'metric-group-tables'), temporary, ended, text: () => text };
}

describe.concurrent('the demo', () => {
  it('shows two snapshots, what changed between them, and what to do next', async (context) => {
    const { output, temporary, ended, text } = await startDemo(context);
    const { expect } = context;
    expect(await ended, text()).toBe(0);
    const words = text().replaceAll(/ +/g, ' ');
    for (const shown of [
      'is published: complete',
      'is published: partial',
      /[5-9] s waited for rate limits/,
      'storefront checkout-funnel staging one-page-checkout',
      'growth referral-loop removed - - -',
      'growth win-back added - - -',
      'storefront checkout-funnel changed name Checkout funnel Checkout funnel (web)',
      'growth signup-funnel changed metric_keys ["visit","form","verify"] ["visit","form","verify","login"]',
      'storefront search-quality changed experiment_count 0 1',
      /storefront page-speed forbidden Access to the requested resource was denied \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.000 1\n/,
      './metric-group-tables/tables',
      'export LAUNCHDARKLY_ACCESS_TOKEN=',
    ]) {
      expect(words).toMatch(shown);
    }
    expect(words).not.toMatch(/page-speed (removed|changed)/);
    expect(words).not.toMatch(/api-(real|0)/);
    const tables = await openTables(output);
    expect(await tables.query('SELECT status, retries_total, unknown_fields FROM sync_snapshots ORDER BY snapshot_id')).toEqual([
      { status: 'complete', retries_total: '1', unknown_fields: ['reviewState'] },
      { status: 'partial', retries_total: '0', unknown_fields: ['reviewState'] },
    ]);
    tables.close();
    expect(await readdir(temporary)).toEqual([]);
  });

  it('ends in order when it is interrupted, and leaves nothing but its output', async (context) => {
    let isStopped = false;
    const { output, temporary, ended, text } = await startDemo(context, (soFar, kill) => {
      if (isStopped || !soFar.includes('11 targets')) return;
      isStopped = true;
      kill('SIGINT');
    });
    const { expect } = context;
    expect(await ended, text()).toBe(130);
    expect(text()).toContain('The demo stopped: sync ended with exit code 130');
    expect(await readdir(output)).toEqual(['raw']);
    expect(await readdir(temporary)).toEqual([]);
  });
});
