import { describe, expect, it } from 'vitest';
import {
  commitObject,
  partName,
  partObject,
  partsPrefix,
  planObject,
  readCommitObject,
  readPartObject,
  sealObject,
  snapshotAt,
  tableObject,
} from '../../lambda/contract/objects.ts';

const snapshot = snapshotAt(Date.parse('2026-11-23T06:00:00.999Z'));

describe('a snapshot', () => {
  it('is named after its instant, cut to the second', () => {
    expect(snapshot).toEqual({
      id: '20261123T060000Z',
      date: '2026-11-23',
      at: '2026-11-23 06:00:00.000',
      atMs: Date.parse('2026-11-23T06:00:00Z'),
    });
    expect(snapshotAt(-1)).toMatchObject({ id: '19691231T235959Z', date: '1969-12-31' });
  });

  it('has its objects where the contract puts them', () => {
    expect([
      planObject(snapshot),
      partObject(snapshot, partName(0, 0)),
      partObject(snapshot, partName(99_999, 12)),
      sealObject(snapshot),
      tableObject('metric_groups', snapshot, 0),
      tableObject('sync_targets', snapshot, 123),
      commitObject(snapshot),
    ]).toEqual([
      'raw/snapshot_date=2026-11-23/20261123T060000Z/plan.jsonl.gz',
      'raw/snapshot_date=2026-11-23/20261123T060000Z/parts/00000-00000.jsonl.gz',
      'raw/snapshot_date=2026-11-23/20261123T060000Z/parts/99999-00012.jsonl.gz',
      'raw/snapshot_date=2026-11-23/20261123T060000Z/seal.json.gz',
      'tables/metric_groups/snapshot_date=2026-11-23/20261123T060000Z-00000.jsonl.gz',
      'tables/sync_targets/snapshot_date=2026-11-23/20261123T060000Z-00123.jsonl.gz',
      'tables/sync_snapshots/snapshot_date=2026-11-23/20261123T060000Z.jsonl.gz',
    ]);
  });
});

describe('names read back', () => {
  it('tell slice and number of a part', () => {
    expect(readPartObject(snapshot, partObject(snapshot, '00012-00003'))).toEqual({ name: '00012-00003', slice: 12, part: 3 });
  });

  it.each([
    `${partsPrefix(snapshot)}00012-00003.jsonl`,
    `${partsPrefix(snapshot)}00012-00003.jsonl.gz.tmp`,
    `${partsPrefix(snapshot)}.00012-00003.jsonl.gz`,
    `${partsPrefix(snapshot)}12-3.jsonl.gz`,
    `${partsPrefix(snapshot)}x/00012-00003.jsonl.gz`,
    `${partsPrefix(snapshotAt(0))}00012-00003.jsonl.gz`,
    planObject(snapshot),
  ])('find no part in %s', (object) => {
    expect(readPartObject(snapshot, object)).toBeUndefined();
  });

  it('tell the snapshot of a commit, and find none elsewhere', () => {
    expect(readCommitObject(commitObject(snapshot))).toBe('20261123T060000Z');
    for (const object of [
      tableObject('sync_targets', snapshot, 0),
      `${commitObject(snapshot)}.tmp`,
      `x/${commitObject(snapshot)}`,
      'tables/sync_snapshots/snapshot_date=2026-11-23/.20261123T060000Z.jsonl.gz',
    ]) {
      expect(readCommitObject(object)).toBeUndefined();
    }
  });
});
