import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CommandContext } from '../../lambda/cli/command-context.ts';
import { type Invocation, parseCommandLine } from '../../lambda/cli/program.ts';
import { runQuery } from '../../lambda/cli/run-query.ts';
import { SyncError } from '../../lambda/errors.ts';
import { createMemoryHost } from './memory-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'metric-group-sync-query-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('query', () => {
  it('is stopped by a signal while a statement is under way', async () => {
    const endless = 'select count(*) from range(100000000000) a(x) where x * x % 7 = 9';
    const host = createMemoryHost();
    const invocation = parseCommandLine(['query', '--output', folder, endless], '0.0.0', host) as Invocation;
    const interrupt = new AbortController();
    const reason = new SyncError('interrupted', 'stopped by SIGTERM');
    setTimeout(() => interrupt.abort(reason), 500);
    const context = { ...host, environment: {}, interrupt: interrupt.signal } as Partial<CommandContext> as CommandContext;
    await expect(runQuery(invocation, context)).rejects.toBe(reason);
  });
});
