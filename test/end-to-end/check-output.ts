import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The checker that holds an output against the contract's letter; it is not part of this repository, and nothing is checked without it. */
const checker = process.env['CHECK_OUTPUT'] ?? fileURLToPath(new URL('../../../shared/check-output', import.meta.url));

/** Loads the checker once and runs it for directory after directory, a line of JSON each: to start Python takes longer than to check. */
const checkEach = `
import contextlib, importlib.machinery, importlib.util, io, json, sys, traceback
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader('checker', sys.argv[1])
checker = importlib.util.module_from_spec(importlib.util.spec_from_loader('checker', loader))
loader.exec_module(checker)
for line in sys.stdin:
    sys.argv = ['check-output', json.loads(line)]
    report = io.StringIO()
    with contextlib.redirect_stdout(report), contextlib.redirect_stderr(report):
        try: checker.main()
        except SystemExit: pass
        except Exception: traceback.print_exc()
    print(json.dumps(report.getvalue()), flush=True)
`;

type CheckerProcess = { check(directory: string): Promise<string> };
let started: CheckerProcess | undefined;

/** Findings of the checker for an output directory, a line each; none where the checker, Python or the directory is missing. */
export async function findContractBreaches(directory: string): Promise<string[]> {
  if (!existsSync(checker) || !existsSync(directory)) return [];
  started ??= startChecker();
  const report = await started.check(directory);
  return / 0 findings\s*$/.test(report) || report === '' ? [] : report.trimEnd().split('\n');
}

/** A process that ends with this one. */
function startChecker(): CheckerProcess {
  const child = spawn('python3', ['-c', checkEach, checker], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: ((report: string) => void)[] = [];
  let ended: string | undefined;
  const end = (report: string): void => {
    ended = report;
    for (const resolve of waiting.splice(0)) resolve(report);
  };
  child.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ENOENT' ? '' : error.message));
  child.once('exit', (code) => end(`the checker ended with ${code}`));
  child.stdin.on('error', () => {});
  createInterface(child.stdout).on('line', (line) => waiting.shift()?.(JSON.parse(line)));
  for (const handle of [child, child.stdin as Socket, child.stdout as Socket]) handle.unref();
  return {
    check: (directory) =>
      new Promise((resolve) => {
        if (ended !== undefined) return resolve(ended);
        waiting.push(resolve);
        child.stdin.write(`${JSON.stringify(directory)}\n`);
      }),
  };
}
