import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deploymentEntries } from '../../infra/deployment-schema.ts';
import type { ErrorKind } from '../../lambda/errors.ts';
import { resourcesOf, synthesize } from '../infra/synthesize.ts';
import { withDuckdbEngine } from '../views/duckdb-engine.ts';
import { anchorsOf, blocksOf, hereDocumentsOf } from './markdown.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const runbook = read('docs/runbook.md');
const deployment = read('docs/deployment.md');
const pages = [
  ['docs/runbook.md', runbook],
  ['docs/deployment.md', deployment],
  ['docs/querying.md', read('docs/querying.md')],
] as const;
const template = synthesize();

test('the runbook has a section for every alarm, under the anchor that its description names', () => {
  const named = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => /docs\/runbook\.md#(\S+)$/.exec(String(Properties['AlarmDescription']))?.[1],
  );
  expect(named.length).toBeGreaterThan(0);
  const anchors = anchorsOf(runbook);
  expect(named.filter((anchor) => anchor === undefined || !anchors.has(anchor))).toEqual([]);
});

test('every section for an alarm has a query of the log, a query of the tables, and what to do', () => {
  for (const section of runbook.split(/^## /m).filter((text) => text.includes('**Means.**'))) {
    const found = ["insights <<'QUERY'", "athena <<'SQL'", '**Look.**', '**Do.**'].filter((part) => section.includes(part));
    expect(found, section.split('\n')[0]).toHaveLength(4);
  }
});

/** All kinds of errors; of those that an invocation can end with, the runbook speaks. */
const kinds = {
  configuration: true,
  token_refused: true,
  launchdarkly: true,
  output: true,
  unreadable: true,
  not_published: true,
  out_of_time: true,
  // Nobody presses Ctrl-C in Lambda.
  interrupted: false,
} satisfies Record<ErrorKind, boolean>;

test('the runbook says of every kind of error what happened and what to do', () => {
  const [, table = ''] = /^\| Kind \| What happened \| What to do \|\n\| --- .*\n((?:\|.*\n)+)/m.exec(runbook) ?? [];
  const rows = [...table.matchAll(/^\| `(\w+)` \| \S.*? \| \S.*? \|$/gm)].map(([, kind]) => kind);
  const expected = Object.entries(kinds).flatMap(([kind, isOfLambda]) => (isOfLambda ? [kind] : []));
  expect(rows.toSorted()).toEqual([...expected, 'unexpected'].toSorted());
});

test('the configuration table names every key of a deployment with its default, in the order of the schema', () => {
  const [, table = ''] = /^\| Key \| Default \|.*\n\| --- .*\n((?:\|.*\n)+)/m.exec(deployment) ?? [];
  const rows = [...table.matchAll(/^\| `(\w+)` \| (.*?) \|/gm)].map(([, key, given]) => [key, given]);
  const declared = Object.entries(deploymentEntries).map(([key, entry]) => {
    if (entry.type !== 'optional') return [key, 'required'];
    return [key, entry.default === undefined ? '–' : `\`${JSON.stringify(entry.default)}\``];
  });
  expect(rows).toEqual(declared);
});

test.each(pages)('every Athena query of %s runs on the tables and views of the contract', async (_page, markdown) => {
  const queries = hereDocumentsOf(markdown, 'SQL');
  expect(queries.length).toBeGreaterThan(0);
  await withDuckdbEngine([], async ({ query }) => {
    for (const sql of queries) expect(Array.isArray((await query(sql)).rows), sql).toBe(true);
  });
});

test('the queries of the log look for messages that a run writes', () => {
  const source = read('lambda/run-observer.ts');
  const messages = hereDocumentsOf(runbook, 'QUERY').flatMap((query) =>
    [...query.matchAll(/message = "([^"]+)"/g)].map(([, text = '']) => text),
  );
  expect(messages.length).toBeGreaterThan(0);
  expect(messages.filter((message) => !source.includes(`'${message}'`))).toEqual([]);
});

test.each(pages)('the commands of %s are valid shell, and take outputs that the stack has', (_page, markdown) => {
  const commands = blocksOf(markdown, 'sh').join('\n');
  const { status, stderr } = spawnSync('bash', ['-n'], { input: commands, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const outputs = Object.keys(template.toJSON()['Outputs']);
  const taken = [...commands.matchAll(/\$\(output (\w+)/g)].map(([, name = '']) => name);
  expect(taken.filter((name) => !outputs.includes(name))).toEqual([]);
});

test('runbook and deployment guide give the same shell functions', () => {
  const [, functions = ''] = /^(export DEPLOYMENT=.*?)^```/ms.exec(deployment) ?? [];
  expect(functions).toContain('athena()');
  expect(runbook).toContain(functions);
});
