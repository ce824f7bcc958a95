import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import type { GroupTableName } from '../../lambda/contract/tables.ts';
import { judgeAnswer } from '../../lambda/extract/judge-answer.ts';
import { createGroupRowEncoder } from '../../lambda/transform/encode-row.ts';
import { flattenMetricGroup, type MetricGroupRows } from '../../lambda/transform/flatten-metric-group.ts';
import { type ArbitraryGroup, arbitraryGroup, write } from './arbitrary-group.ts';
import { describeOwnMismatches } from './column-types.ts';

const flatten = (body: string): MetricGroupRows => flattenMetricGroup({ project_key: 'demo', metric_group_key: 'odd' }, body);
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const snapshot = snapshotAt(0);

/** A parsed value with keys sorted at every level, written a second time: digits are lost, and the code under test is not asked. */
function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed());
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => [name.toWellFormed(), canonical(member)] as const);
  return `{${members
    .sort(([a], [b]) => byBytes(a, b))
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .join()}}`;
}

type Members = ArbitraryGroup['group'];
const oddOf = (members: Members): string | null => {
  const odd = members.filter(({ isOdd }) => isOdd);
  return odd.length === 0 ? null : canonical(JSON.parse(write(odd)));
};
const reread = (extraJson: string | null | undefined): string | null => (extraJson ? canonical(JSON.parse(extraJson)) : null);
const pathOf = (prefix: string, name: string): string =>
  /^\w+$/.test(name) ? [prefix, name].filter((step) => step !== '').join('.') : `${prefix}[${JSON.stringify(name.toWellFormed())}]`;

/** The same answer with the keys of every object turned round. */
function turned({ group, metrics, experiments }: ArbitraryGroup): string {
  const turn = (members: Members): Members => members.toReversed();
  const list = (objects: readonly Members[]): string => `[${objects.map((members) => write(turn(members))).join()}]`;
  return write(
    turn(group).map((member) =>
      member.name === 'metrics'
        ? { ...member, text: list(metrics) }
        : member.name === 'experiments'
          ? { ...member, text: list(experiments) }
          : member,
    ),
  );
}

describe('any valid answer', () => {
  it('counts, and gives rows of the contract’s columns and types', () => {
    fc.assert(
      fc.property(arbitraryGroup, ({ body }) => {
        expect(judgeAnswer({ kind: 'answer', status: 200, headers: {}, body }, 'odd', 'keep').error_message).toBeNull();
        const { group, metrics, experiments } = flatten(body);
        expect([
          ...describeOwnMismatches('metric_groups', group),
          ...metrics.flatMap((row) => describeOwnMismatches('metric_group_metrics', row)),
          ...experiments.flatMap((row) => describeOwnMismatches('metric_group_experiments', row)),
        ]).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps in extra_json what is unknown, no more and no less, and names it', () => {
    fc.assert(
      fc.property(arbitraryGroup, (answer) => {
        const { group, metrics, experiments, unknownFields } = flatten(answer.body);
        expect(reread(group.extra_json)).toBe(oddOf(answer.group));
        expect(metrics.map(({ extra_json }) => reread(extra_json))).toEqual(answer.metrics.map(oddOf));
        const kept = answer.experiments.map(oddOf);
        for (const { extra_json } of experiments) expect(kept).toContain(reread(extra_json));
        const paths = (prefix: string, members: Members) => members.filter(({ isOdd }) => isOdd).map(({ name }) => pathOf(prefix, name));
        const expected = new Set([
          ...paths('', answer.group),
          ...answer.metrics.flatMap((members) => paths('metrics[]', members)),
          ...answer.experiments.flatMap((members) => paths('experiments[]', members)),
        ]);
        expect(unknownFields.filter((path) => !path.startsWith('maintainer')).sort()).toEqual(
          [...expected].filter((path) => !path.startsWith('maintainer')).sort(),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('has rows sorted and unique by UTF-8 bytes', () => {
    fc.assert(
      fc.property(arbitraryGroup, ({ body }) => {
        const { group, experiments } = flatten(body);
        expect(group.tags).toEqual(group.tags.toSorted(byBytes));
        const keys = experiments.map(({ environment_key, experiment_key }) => [environment_key, experiment_key] as const);
        expect(keys).toEqual(keys.toSorted(([a, x], [b, y]) => byBytes(a, b) || byBytes(x, y)));
        expect(new Set(keys.map((pair) => JSON.stringify(pair))).size).toBe(keys.length);
      }),
    );
  });

  it('has the same hashes whatever the order of its keys', () => {
    const hashes = (body: string): string[] => {
      const { group, metrics, experiments } = flatten(body);
      const encode = (table: GroupTableName, row: object): string =>
        createGroupRowEncoder(table, snapshot)(row as never, '2026-11-23 06:00:00.000');
      return [
        encode('metric_groups', group),
        ...metrics.map((row) => encode('metric_group_metrics', row)),
        ...experiments.map((row) => encode('metric_group_experiments', row)),
      ].map((line) => JSON.parse(line).row_hash);
    };
    fc.assert(
      fc.property(arbitraryGroup, (answer) => {
        expect(hashes(turned(answer))).toEqual(hashes(answer.body));
      }),
      { numRuns: 200 },
    );
  });
});
