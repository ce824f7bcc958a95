import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The checker that holds an output against the contract's letter; it is not part of this repository, and nothing is checked without it. */
const checker = process.env['CHECK_OUTPUT'] ?? fileURLToPath(new URL('../../../shared/check-output', import.meta.url));

/** Findings of the checker for an output directory, a line each; none where the checker or the directory is missing. */
export async function findContractBreaches(directory: string): Promise<string[]> {
  if (!existsSync(checker) || !existsSync(directory)) return [];
  const report = await new Promise<string>((resolve) => {
    execFile('python3', [checker, directory], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const isMissing = error !== null && error.code === 'ENOENT';
      resolve(isMissing ? '' : stdout + stderr);
    });
  });
  return / 0 findings\s*$/.test(report) || report === '' ? [] : report.trimEnd().split('\n');
}
