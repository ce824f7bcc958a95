import { formatInstant } from '../../lambda/contract/instants.ts';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import type { Cell } from '../../lambda/query/ask-warehouse.ts';
import type { HistoryOutcome, HistorySnapshot } from './write-history.ts';

/** What a group looks like after a snapshot: its name, and when the answer came. */
type Shown = { readonly name: string; readonly extractedAt: string };
type Version = Shown & { readonly group: string; readonly from: string; to: string | null };

/**
 * The rows of metric_group_history and metric_group_changes the long way: after every published snapshot, what is current is looked up anew.
 * Groups must differ by name alone. Columns as in `shownColumns`.
 */
export function replayHistory(history: readonly HistorySnapshot[]): { readonly history: Cell[][]; readonly changes: Cell[][] } {
  const published = history.filter(({ isPublished = true }) => isPublished).sort((a, b) => a.atMs - b.atMs);
  const firstFull = published.findIndex(({ scope = 'full' }) => scope === 'full');
  const versions: Version[] = [];
  const changes: Cell[][] = [];
  const open = new Map<string, Version>();
  for (let end = firstFull; end >= 0 && end < published.length; end++) {
    const { atMs } = published[end] as HistorySnapshot;
    const snapshot = snapshotAt(atMs);
    const shown = findCurrent(published.slice(0, end + 1));
    const tell = (group: string, ...change: (string | null)[]): void => {
      if (end > firstFull) changes.push([...group.split('/'), ...change, snapshot.id, snapshot.at, snapshot.date]);
    };
    for (const [group, version] of open) {
      const now = shown.get(group);
      if (now?.name === version.name) continue;
      version.to = snapshot.at;
      open.delete(group);
      if (now === undefined) tell(group, 'removed', null, null, null);
      else tell(group, 'changed', 'name', version.name, now.name);
    }
    for (const [group, now] of shown) {
      if (open.has(group)) continue;
      const before = versions.findLast((version) => version.group === group);
      if (before?.to !== snapshot.at) tell(group, 'added', null, null, null);
      const version: Version = { group, ...now, from: snapshot.at, to: null };
      versions.push(version);
      open.set(group, version);
    }
  }
  const rows = versions.map(({ group, name, extractedAt, from, to }) => [...group.split('/'), name, extractedAt, from, to, to === null]);
  return { history: rows, changes };
}

/** The groups that are current after the last of some snapshots: targets of the newest full one whose newest answer is a group. */
function findCurrent(published: readonly HistorySnapshot[]): Map<string, Shown> {
  const listed = published.findLast(({ scope = 'full' }) => scope === 'full');
  const shown = new Map<string, Shown>();
  for (const group of Object.keys(listed?.outcomes ?? {})) {
    const answered = published.findLast(({ outcomes }) => isAnswer(outcomes[group]));
    const answer = answered?.outcomes[group];
    if (answered === undefined || typeof answer !== 'object') continue;
    shown.set(group, { name: answer.name ?? '', extractedAt: formatInstant(answered.atMs + 1_000) });
  }
  return shown;
}

const isAnswer = (outcome: HistoryOutcome | undefined): boolean => typeof outcome === 'object' || outcome === 'not_found';
