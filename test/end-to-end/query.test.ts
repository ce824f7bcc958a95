import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { readSavedQuery } from '../../lambda/contract/saved-queries.ts';
import { withDuckdbEngine } from '../views/duckdb-engine.ts';
import { describeSavedQueryScenario } from '../views/saved-query-scenario.ts';
import { createTimes } from '../views/scenario.ts';
import { listFiles } from './read-output.ts';
import { runInProcess } from './run-in-process.ts';

const times = createTimes(Date.now());
const { history } = describeSavedQueryScenario(times);
const digest = (directory: string): string[] =>
  listFiles(directory).map(
    (file) =>
      `${file} ${createHash('sha256')
        .update(readFileSync(join(directory, file)))
        .digest('hex')}`,
  );

describe('query', { timeout: 60_000 }, () => {
  it('lists what can be asked, answers a statement, and an example by its name, and writes nothing', async ({ expect }) => {
    await withDuckdbEngine(history, async (_engine, directory) => {
      const before = digest(directory);
      const query = (...args: string[]) => runInProcess(['query', '--output', directory, ...args], {});
      const [listed, table, csv, json] = await Promise.all([
        query(),
        query('select metric_group_key, experiment_count from metric_groups_current order by 1'),
        query('--csv', 'experiments_of_a_group'),
        query('--json', readSavedQuery('is_todays_snapshot_there', '').sql),
      ]);
      expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
      for (const shown of ['sync_snapshots', 'metric_group_changes', 'changes_of_the_last_30_days']) expect(listed.stdout).toContain(shown);
      expect(listed.stdout).not.toContain('unload');
      expect(table).toEqual({
        exitCode: 0,
        stderr: '',
        stdout: [
          'metric_group_key  experiment_count',
          '----------------  ----------------',
          'checkout-funnel                  2',
          'nps                              1',
          'search                           0',
          '',
        ].join('\n'),
      });
      expect(csv.stdout.split('\r\n')).toEqual([
        'environment_key,experiment_key,experiment_name,created_at,is_archived,archived_at,snapshot_id',
        `prod,e1,Experiment e1,2026-01-04 00:00:00.000,false,,${times.id(0)}`,
        `prod,e3,Experiment e3,2026-01-04 00:00:00.000,false,,${times.id(0)}`,
        '',
      ]);
      expect(JSON.parse(json.stdout)).toMatchObject([{ is_there: true, is_complete: false, snapshot_id: times.id(0) }]);
      expect(digest(directory)).toEqual(before);
    });
  });

  it('says what is wrong with a statement, a directory or the words, and with the exit code who must act', async ({ expect }) => {
    await withDuckdbEngine([], async (_engine, directory) => {
      const query = (...args: string[]) => runInProcess(['query', ...args], {});
      const [statement, missing, bucket, words] = await Promise.all([
        query('--output', directory, 'select nothing from nowhere'),
        query('--output', join(directory, 'nowhere'), 'select 1'),
        query('--output', 's3://some-bucket', 'select 1'),
        query('--csv', '--json', 'select 1', 'select 2', '--nonsense'),
      ]);
      expect([statement.exitCode, statement.stdout]).toEqual([2, '']);
      expect(statement.stderr).toContain('Table with name nowhere does not exist');
      expect([missing.exitCode, missing.stderr]).toEqual([
        1,
        `there is no output directory ${directory}/nowhere: name the one that sync wrote (--output)\n`,
      ]);
      expect([bucket.exitCode, bucket.stderr]).toEqual([
        2,
        'output is s3://some-bucket: a bucket is queried with Athena; name a local directory (--output)\n',
      ]);
      expect([words.exitCode, words.stderr.trim().split('\n')]).toEqual([
        2,
        [
          'unknown flag "--nonsense"; see --help',
          '--csv and --json are both given: choose one',
          '--output or OUTPUT_URI is missing: give a directory or s3://bucket/prefix',
        ],
      ]);
    });
  });
});
