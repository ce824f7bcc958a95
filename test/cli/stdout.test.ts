import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';

const cli = join(import.meta.dirname, '../../lambda/cli.ts');

/** Runs a command with its stdout led to a place; answers exit code and stderr. */
const runInto = (place: string, environment: Record<string, string>): Promise<{ exitCode: unknown; stderr: string }> =>
  new Promise((resolve) => {
    const command = `exec "${process.execPath}" "${cli}" discover --project demo ${place}`;
    execFile('bash', ['-c', command], { env: { PATH: process.env['PATH'], ...environment } }, (error, _stdout, stderr) =>
      resolve({ exitCode: error?.code ?? 0, stderr }),
    );
  });

test('results that cannot be written are a failure, and a reader that goes away is none', async () => {
  const server = await startLaunchDarkly({ world: createWorld({ projects: { demo: 3 } }) });
  const environment = { LAUNCHDARKLY_BASE_URL: server.url, LAUNCHDARKLY_ACCESS_TOKEN: server.token };
  try {
    const full = await runInto('> /dev/full', environment);
    expect(full).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('the result cannot be written to stdout (ENOSPC') });
    expect(await runInto('| true', environment)).toMatchObject({ exitCode: 0 });
  } finally {
    await server.close();
  }
});
