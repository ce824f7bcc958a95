import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readShippedPackages, replacePackages } from './shipped-packages.ts';

const allowed = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];
const packages = readShippedPackages();

describe('what is shipped', () => {
  test('is listed in docs/security.md with its licences', async () => {
    const page = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8');
    expect(page, 'docs/security.md differs from package-lock.json: run `npm run sbom` and commit what it writes').toBe(
      replacePackages(page),
    );
  });

  test('has licences that ask for no more than a notice', () => {
    expect(packages.filter(({ license }) => !allowed.includes(license))).toEqual([]);
  });

  test('needs no install script', () => {
    expect(packages.filter(({ hasInstallScript }) => hasInstallScript)).toEqual([]);
    expect(packages.length).toBeGreaterThan(10);
  });
});
