import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import { format } from '../../lambda/contract/raw.ts';
import { createRowBuilder } from '../../lambda/transform/build-rows.ts';
import { encodeRow } from '../../lambda/transform/encode-row.ts';
import { settleSlice } from '../../lambda/transform/settle-slice.ts';
import { golden } from './golden-parts.ts';
import { planHeader, seal } from './part-lines.ts';

/** The tables of the golden parts, by the format that makes them. */
const digests: Readonly<Record<number, string>> = {
  1: 'TODO',
};

it('makes the same tables of the same parts as long as `format` stays', () => {
  const snapshot = snapshotAt(Date.parse('2026-11-23T06:00:00Z'));
  const builder = createRowBuilder(snapshot);
  const built = builder.build(settleSlice(golden.targets, golden.lines));
  const text = [
    ...Object.entries(built).flatMap(([table, lines]) => [`${table}\n`, ...lines]),
    'sync_snapshots\n',
    encodeRow('sync_snapshots', builder.commit(planHeader, seal)),
  ].join('');
  const digest = createHash('sha256').update(text).digest('hex');
  expect(
    digest,
    `The same parts now give other tables than format ${format} did. If that is meant, raise \`format\` in lambda/contract/raw.ts ` +
      `and add to \`digests\` of this test, under the new format: '${digest}'. If it is not, the change is a mistake.`,
  ).toBe(digests[format]);
});

it('has parts of every status, so that the digest covers them', () => {
  expect([...new Set(golden.lines.map(({ status }) => status))].sort()).toEqual(['failed', 'forbidden', 'invalid', 'not_found', 'succeeded']);
});
