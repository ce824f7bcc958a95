import type { SavedQueryName } from '../../lambda/contract/saved-queries.ts';
import type { Cell } from '../../lambda/query/ask-warehouse.ts';
import type { Times } from './scenario.ts';
import type { HistorySnapshot } from './write-history.ts';

/** A shop's metric groups over four days, and the rows that each saved query must give of them, in its order. */
export type SavedQueryScenario = {
  readonly history: readonly HistorySnapshot[];
  readonly expected: Readonly<Record<SavedQueryName, readonly (readonly Cell[])[]>>;
  /** A saved query with the day that it asks for put to one of this history. */
  adapt(sql: string): string;
};

/** The history that the saved queries are asked about, and their answers by hand. */
export function describeSavedQueryScenario(t: Times): SavedQueryScenario {
  const funnel = { metrics: ['cart-viewed', 'purchase-completed'], experiments: ['prod/e1', 'prod/e2'], running: 1 };
  const loyalty = { metrics: ['purchase-completed'], experiments: ['staging/x'] };
  const renamed = { ...funnel, name: 'Checkout', experiments: ['prod/e1', 'prod/e3'] };
  const [created, modified] = ['2026-01-02 03:04:05.060', '2026-01-03 00:00:00.000'];
  const [p, f] = ['storefront', 'checkout-funnel'];
  return {
    adapt: (sql) => sql.replaceAll('2026-11-23', t.date(-2)),
    history: [
      { atMs: t.ms(-3), outcomes: { [`${p}/${f}`]: funnel, [`${p}/loyalty`]: loyalty, [`${p}/search`]: {} } },
      { atMs: t.ms(-2), outcomes: { [`${p}/${f}`]: renamed, [`${p}/loyalty`]: loyalty, [`${p}/search`]: 'failed' } },
      // Of a subset: an answer about a target counts, one about another group is nobody's change.
      { atMs: t.ms(-1), scope: 'subset', outcomes: { [`${p}/unlisted`]: { experiments: ['prod/e9'] } } },
      { atMs: t.ms(-1, 7), scope: 'subset', outcomes: { [`${p}/unlisted`]: {} } },
      {
        atMs: t.ms(0),
        outcomes: {
          [`${p}/${f}`]: { ...renamed, metrics: ['cart-viewed', 'paid', 'purchase-completed'] },
          [`${p}/loyalty`]: 'not_found',
          [`${p}/nps`]: { tags: ['a', 'b'] },
          [`${p}/search`]: 'failed',
        },
      },
    ],
    expected: {
      is_todays_snapshot_there: [[true, false, t.id(0), t.at(0).replace(':00.000', ':01.000'), 4, 2, 1]],
      groups_without_running_experiment: [
        [p, 'nps', 'nps', 'member', 'member-1', 0, 0, 0, modified, t.id(0)],
        [p, 'search', 'search', 'member', 'member-1', 0, 0, 0, modified, t.id(-3)],
      ],
      experiments_of_a_group: [
        ['prod', 'e1', 'Experiment e1', '2026-01-04 00:00:00.000', false, null, t.id(0)],
        ['prod', 'e3', 'Experiment e3', '2026-01-04 00:00:00.000', false, null, t.id(0)],
      ],
      groups_using_a_metric: [
        [f, 'Checkout', 'funnel', 3, null, 'prod', 'e1', false],
        [f, 'Checkout', 'funnel', 3, null, 'prod', 'e3', false],
      ],
      funnel_steps_as_of_a_date: [
        [1, 'cart-viewed', 'Metric cart-viewed', null, 'event-cart-viewed', t.id(-2)],
        [2, 'purchase-completed', 'Metric purchase-completed', null, 'event-purchase-completed', t.id(-2)],
      ],
      changes_of_the_last_30_days: [
        [p, f, 'changed', 'name', f, 'Checkout', t.id(-2), t.at(-2)],
        [p, f, 'experiment began', 'experiment', null, 'prod/e3', t.id(-2), t.at(-2)],
        [p, f, 'experiment stopped', 'experiment', 'prod/e2', null, t.id(-2), t.at(-2)],
        [p, f, 'changed', 'metric_count', '2', '3', t.id(0), t.at(0)],
        [
          p,
          f,
          'changed',
          'metric_keys',
          '["cart-viewed","purchase-completed"]',
          '["cart-viewed","paid","purchase-completed"]',
          t.id(0),
          t.at(0),
        ],
        [p, 'loyalty', 'experiment stopped', 'experiment', 'staging/x', null, t.id(0), t.at(0)],
        [p, 'loyalty', 'removed', null, null, null, t.id(0), t.at(0)],
        [p, 'nps', 'added', null, null, null, t.id(0), t.at(0)],
      ],
      targets_without_fresh_answer: [[p, 'search', 'failed', 'http_503', 'it was failed', 2, 'succeeded', t.id(-3), t.at(-3), 3]],
      unload_current_groups_to_parquet: [
        [
          p,
          f,
          `id-of-${f}`,
          'Checkout',
          'funnel',
          [],
          ['cart-viewed', 'paid', 'purchase-completed'],
          2,
          1,
          created,
          modified,
          t.id(0),
          t.at(0),
        ],
        [p, 'nps', 'id-of-nps', 'nps', 'funnel', ['a', 'b'], ['m1'], 0, 0, created, modified, t.id(0), t.at(0)],
        [p, 'search', 'id-of-search', 'search', 'funnel', [], ['m1'], 0, 0, created, modified, t.id(-3), t.at(-3)],
      ],
    },
  };
}

/** What an `UNLOAD` selects, and where it goes. @throws Error where the text is no `UNLOAD` */
export function readUnload(sql: string): { readonly select: string; readonly location: string } {
  const match = /unload \((?<select>.*)\)\s*to '(?<location>[^']*)'\s*with \(format = 'PARQUET', compression = 'ZSTD'\)$/s.exec(sql);
  if (!match?.groups) throw new Error(`no UNLOAD:\n${sql}`);
  return { select: match.groups['select'] ?? '', location: match.groups['location'] ?? '' };
}
