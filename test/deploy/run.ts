import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { step } from '../engines/step.ts';
import { startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { createAccount } from './account.ts';
import { startMiniStack } from './ministack.ts';
import { notProved } from './not-proved.ts';
import { proveDeployment } from './prove-deployment.ts';
import { installTools } from './tools.ts';

// Deploys the stack for real to an emulated account, with IAM enforced: the bundle, the roles and the schedule's input as they are.
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'metric-group-sync-deploy-'));
const interrupt = new AbortController();
const startedAt = performance.now();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interrupt.abort(new Error(`stopped by ${signal}`)));
}
const closers: (() => Promise<void>)[] = [];
let log = (): string => '';

try {
  const path = await step('the tools are there: MiniStack, cfn-lint and the AWS CLI', () => installTools(root, interrupt.signal));
  const launchDarkly = await startLaunchDarkly({ world: createWorld({ projects: { demo: 30, many: 230 } }) });
  closers.push(launchDarkly.close);
  const miniStack = await step('MiniStack listens on 127.0.0.1, with IAM enforced', () => startMiniStack(path, join(folder, 'ministack')));
  closers.push(miniStack.close);
  log = miniStack.log;
  const account = createAccount({ environment: miniStack.environment, cwd: root, interrupt: interrupt.signal });
  await proveDeployment(account, launchDarkly, folder);
} catch (error) {
  process.exitCode = 1;
  const why = interrupt.signal.aborted ? interrupt.signal.reason : error;
  process.stderr.write(`\n${why instanceof Error ? why.message : String(why)}\n`);
  if (!interrupt.signal.aborted && log() !== '')
    process.stderr.write(`\nMiniStack's last lines:\n${log().split('\n').slice(-20).join('\n')}\n`);
} finally {
  for (const close of closers.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
}
const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
process.stdout.write(process.exitCode === 1 ? `\nFailed after ${seconds} s\n` : `\nAll of it holds, in ${seconds} s.\n\n${notProved}`);
