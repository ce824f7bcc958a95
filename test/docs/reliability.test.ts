import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { secrets } from '../faults/describe.ts';
import { faults } from '../faults/faults.ts';

test('docs/reliability.md names the faults of the suite and their promises, each with what was seen', async () => {
  const page = await readFile(new URL('../../docs/reliability.md', import.meta.url), 'utf8');
  const [, table = ''] = /<!-- faults.*? -->(.*?)<!-- end of faults -->/s.exec(page) ?? [];
  const rows = table
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
  expect(
    rows.map(([name, , promise]) => ({ name, promise })),
    'docs/reliability.md differs from test/faults/: run `npm run test:faults -- --write-docs` and commit what it writes',
  ).toEqual([...faults, secrets].map(({ name, promise }) => ({ name, promise })));
  for (const [name, trials, , seen, seed] of rows)
    expect([name, trials, seen, seed].every((cell) => cell !== undefined && cell !== '')).toBe(true);
});

test('each fault has a name of its own and fits the command line', () => {
  const names = faults.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.includes("'"))).toEqual([]);
});
