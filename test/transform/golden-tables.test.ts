import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import { format } from '../../lambda/contract/raw.ts';
import { createRowBuilder } from '../../lambda/transform/build-rows.ts';
import { createRowEncoder } from '../../lambda/transform/encode-row.ts';
import { settleSlice } from '../../lambda/transform/settle-slice.ts';
import { golden } from './golden-parts.ts';
import { planHeader, seal } from './part-lines.ts';

/** Digest of the golden parts themselves: whatever renews it must renew the digests of the tables, too. */
const partsDigest = '708abb2a6bb84cb3b74c6b729ca826064272b982ea133daaf159b7c1af20345b';

/** Digests of the tables made of the golden parts, by the format that makes them. */
const tablesDigests: Readonly<Record<number, string>> = {
  1: '9c98463c7c7a26a008b8600e18659b74f201d8ee196273e14452fbdfec7d6cde',
};

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

it('is made of the same parts as ever', () => {
  const digest = digestOf(JSON.stringify([golden, planHeader, seal]));
  expect(digest, `The fixture of this test has changed, not the tables: renew \`partsDigest\` ('${digest}'), then the tables'.`).toBe(
    partsDigest,
  );
});

it('makes the same tables of the same parts as long as `format` stays', () => {
  const snapshot = snapshotAt(Date.parse('2026-11-23T06:00:00Z'));
  const builder = createRowBuilder(snapshot);
  const built = builder.build(settleSlice(golden.targets, golden.lines));
  const digest = digestOf(
    [
      ...Object.entries(built).flatMap(([table, lines]) => [`${table}\n`, ...lines]),
      'sync_snapshots\n',
      createRowEncoder('sync_snapshots')(builder.commit(planHeader, seal)),
    ].join(''),
  );
  expect(
    digest,
    `The same parts now give other tables than format ${format} did. If that is meant, raise \`format\` in lambda/contract/raw.ts ` +
      `and add to \`tablesDigests\` of this test, under the new format: '${digest}'. If it is not, the change is a mistake.`,
  ).toBe(tablesDigests[format]);
});

it('has parts of every status, so that the digest covers them', () => {
  expect([...new Set(golden.lines.map(({ status }) => status))].sort()).toEqual([
    'failed',
    'forbidden',
    'invalid',
    'not_found',
    'succeeded',
  ]);
});
