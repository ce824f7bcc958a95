import type { Scenario, Times } from './scenario.ts';

/** Histories and what must be read from them, written by hand; one a promise. */
export function describeScenarios(t: Times): Scenario[] {
  const [a, b] = [{ name: 'A' }, { name: 'B' }];
  return [
    {
      name: 'a target that failed today keeps what was known of it',
      history: [
        { atMs: t.ms(-1), outcomes: { 'p/g': { name: 'A', metrics: ['m1', 'm2'], experiments: ['prod/e1'] }, 'p/h': a } },
        { atMs: t.ms(0), outcomes: { 'p/g': 'failed', 'p/h': a } },
      ],
      expected: {
        metric_group_targets_current: [
          ['p', 'g', 'succeeded', t.id(-1), t.date(-1)],
          ['p', 'h', 'succeeded', t.id(0), t.date(0)],
        ],
        metric_groups_current: [
          ['p', 'g', 'A', t.id(-1), t.date(-1)],
          ['p', 'h', 'A', t.id(0), t.date(0)],
        ],
        metric_group_metrics_current: [
          ['p', 'g', 1, 'm1', t.id(-1)],
          ['p', 'g', 2, 'm2', t.id(-1)],
          ['p', 'h', 1, 'm1', t.id(0)],
        ],
        metric_group_experiments_current: [['p', 'g', 'prod', 'e1', t.id(-1)]],
        metric_group_history: [
          ['p', 'g', 'A', second(t, -1), t.at(-1), null, true],
          ['p', 'h', 'A', second(t, -1), t.at(-1), null, true],
        ],
        metric_group_changes: [],
        sync_health: [
          ['p', 'g', 'failed', 'http_503', 'it was failed', t.at(0), t.at(-1), 1, 1, t.at(0)],
          ['p', 'h', 'succeeded', null, null, t.at(0), t.at(0), 0, 0, t.at(0)],
        ],
      },
    },
    {
      name: 'a group that vanished and came back has two versions, was removed and added',
      history: [
        { atMs: t.ms(-4), outcomes: { 'p/g': a, 'p/k': a } },
        { atMs: t.ms(-3), outcomes: { 'p/g': 'not_found', 'p/k': a } },
        { atMs: t.ms(-2), outcomes: { 'p/g': 'failed', 'p/k': a } },
        { atMs: t.ms(-1), outcomes: { 'p/g': a, 'p/k': a } },
      ],
      expected: {
        metric_group_targets_current: [
          ['p', 'g', 'succeeded', t.id(-1), t.date(-1)],
          ['p', 'k', 'succeeded', t.id(-1), t.date(-1)],
        ],
        metric_group_history: [
          ['p', 'g', 'A', second(t, -4), t.at(-4), t.at(-3), false],
          ['p', 'g', 'A', second(t, -1), t.at(-1), null, true],
          ['p', 'k', 'A', second(t, -4), t.at(-4), null, true],
        ],
        metric_group_changes: [
          ['p', 'g', 'removed', null, null, null, t.id(-3), t.at(-3), t.date(-3)],
          ['p', 'g', 'added', null, null, null, t.id(-1), t.at(-1), t.date(-1)],
        ],
        sync_health: [
          ['p', 'g', 'succeeded', null, null, t.at(-1), t.at(-1), 1, 0, t.at(-1)],
          ['p', 'k', 'succeeded', null, null, t.at(-1), t.at(-1), 1, 0, t.at(-1)],
        ],
      },
    },
    {
      name: 'a group that is gone is no group any more, and still a target',
      history: [
        { atMs: t.ms(-1), outcomes: { 'p/g': { name: 'A', experiments: ['prod/e1'] }, 'p/k': a } },
        { atMs: t.ms(0), outcomes: { 'p/g': 'not_found', 'p/k': a } },
      ],
      expected: {
        metric_group_targets_current: [
          ['p', 'g', 'not_found', t.id(0), t.date(0)],
          ['p', 'k', 'succeeded', t.id(0), t.date(0)],
        ],
        metric_groups_current: [['p', 'k', 'A', t.id(0), t.date(0)]],
        metric_group_metrics_current: [['p', 'k', 1, 'm1', t.id(0)]],
        metric_group_experiments_current: [],
        metric_group_history: [
          ['p', 'g', 'A', second(t, -1), t.at(-1), t.at(0), false],
          ['p', 'k', 'A', second(t, -1), t.at(-1), null, true],
        ],
        metric_group_changes: [['p', 'g', 'removed', null, null, null, t.id(0), t.at(0), t.date(0)]],
        sync_health: [
          ['p', 'g', 'not_found', 'not_found', 'it was not_found', t.at(0), t.at(-1), 1, 0, t.at(0)],
          ['p', 'k', 'succeeded', null, null, t.at(0), t.at(0), 0, 0, t.at(0)],
        ],
      },
    },
    {
      name: 'a project dropped from the list ends with the next full snapshot, and begins anew where it is listed again',
      history: [
        { atMs: t.ms(-5), outcomes: { 'p/g': a, 'q/g': a } },
        { atMs: t.ms(-4), outcomes: { 'p/g': a } },
        { atMs: t.ms(-3), outcomes: { 'p/g': a } },
        { atMs: t.ms(-2), outcomes: { 'p/g': a, 'q/g': 'failed' } },
        { atMs: t.ms(-1), outcomes: { 'p/g': a, 'q/g': b } },
        { atMs: t.ms(0), outcomes: { 'p/g': a } },
      ],
      expected: {
        metric_group_targets_current: [['p', 'g', 'succeeded', t.id(0), t.date(0)]],
        metric_groups_current: [['p', 'g', 'A', t.id(0), t.date(0)]],
        metric_group_history: [
          ['p', 'g', 'A', second(t, -5), t.at(-5), null, true],
          ['q', 'g', 'A', second(t, -5), t.at(-5), t.at(-4), false],
          ['q', 'g', 'A', second(t, -5), t.at(-2), t.at(-1), false],
          ['q', 'g', 'B', second(t, -1), t.at(-1), t.at(0), false],
        ],
        metric_group_changes: [
          ['q', 'g', 'removed', null, null, null, t.id(-4), t.at(-4), t.date(-4)],
          ['q', 'g', 'added', null, null, null, t.id(-2), t.at(-2), t.date(-2)],
          ['q', 'g', 'changed', 'name', 'A', 'B', t.id(-1), t.at(-1), t.date(-1)],
          ['q', 'g', 'removed', null, null, null, t.id(0), t.at(0), t.date(0)],
        ],
        sync_health: [['p', 'g', 'succeeded', null, null, t.at(0), t.at(0), 0, 0, t.at(0)]],
      },
    },
    {
      name: 'a subset answers for its targets, drops none, and makes no targets of its own',
      history: [
        { atMs: t.ms(-3), scope: 'subset', outcomes: { 'p/h': b, 'p/x': a } },
        { atMs: t.ms(-2), outcomes: { 'p/g': a, 'p/h': 'failed' } },
        { atMs: t.ms(-1), scope: 'subset', outcomes: { 'p/g': b, 'p/x': b } },
      ],
      expected: {
        metric_group_targets_current: [
          ['p', 'g', 'succeeded', t.id(-1), t.date(-1)],
          ['p', 'h', 'succeeded', t.id(-3), t.date(-3)],
        ],
        metric_groups_current: [
          ['p', 'g', 'B', t.id(-1), t.date(-1)],
          ['p', 'h', 'B', t.id(-3), t.date(-3)],
        ],
        metric_group_history: [
          ['p', 'g', 'A', second(t, -2), t.at(-2), t.at(-1), false],
          ['p', 'g', 'B', second(t, -1), t.at(-1), null, true],
          ['p', 'h', 'B', second(t, -3), t.at(-2), null, true],
        ],
        metric_group_changes: [['p', 'g', 'changed', 'name', 'A', 'B', t.id(-1), t.at(-1), t.date(-1)]],
        sync_health: [
          ['p', 'g', 'succeeded', null, null, t.at(-1), t.at(-1), 1, 0, t.at(-1)],
          ['p', 'h', 'failed', 'http_503', 'it was failed', t.at(-2), t.at(-3), 3, 1, t.at(-1)],
        ],
      },
    },
    {
      name: 'what a subset answered while the group was not listed shows when it is listed again',
      history: [
        { atMs: t.ms(-4), outcomes: { 'p/g': a, 'p/k': a } },
        { atMs: t.ms(-3), outcomes: { 'p/k': a } },
        { atMs: t.ms(-2), scope: 'subset', outcomes: { 'p/g': b } },
        { atMs: t.ms(-1), outcomes: { 'p/g': 'forbidden', 'p/k': a } },
      ],
      expected: {
        metric_group_targets_current: [
          ['p', 'g', 'succeeded', t.id(-2), t.date(-2)],
          ['p', 'k', 'succeeded', t.id(-1), t.date(-1)],
        ],
        metric_group_history: [
          ['p', 'g', 'A', second(t, -4), t.at(-4), t.at(-3), false],
          ['p', 'g', 'B', second(t, -2), t.at(-1), null, true],
          ['p', 'k', 'A', second(t, -4), t.at(-4), null, true],
        ],
        metric_group_changes: [
          ['p', 'g', 'removed', null, null, null, t.id(-3), t.at(-3), t.date(-3)],
          ['p', 'g', 'added', null, null, null, t.id(-1), t.at(-1), t.date(-1)],
        ],
        sync_health: [
          ['p', 'g', 'forbidden', 'forbidden', 'it was forbidden', t.at(-1), t.at(-2), 2, 1, t.at(-1)],
          ['p', 'k', 'succeeded', null, null, t.at(-1), t.at(-1), 1, 0, t.at(-1)],
        ],
      },
    },
    {
      name: 'a snapshot published late, below a newer one, takes its place and rewrites versions',
      history: [
        { atMs: t.ms(-3), outcomes: { 'p/g': a } },
        { atMs: t.ms(-1), outcomes: { 'p/g': a } },
        { atMs: t.ms(-2), outcomes: { 'p/g': b } },
      ],
      expected: {
        metric_groups_current: [['p', 'g', 'A', t.id(-1), t.date(-1)]],
        metric_group_history: [
          ['p', 'g', 'A', second(t, -3), t.at(-3), t.at(-2), false],
          ['p', 'g', 'B', second(t, -2), t.at(-2), t.at(-1), false],
          ['p', 'g', 'A', second(t, -1), t.at(-1), null, true],
        ],
        metric_group_changes: [
          ['p', 'g', 'changed', 'name', 'A', 'B', t.id(-2), t.at(-2), t.date(-2)],
          ['p', 'g', 'changed', 'name', 'B', 'A', t.id(-1), t.at(-1), t.date(-1)],
        ],
      },
    },
    {
      name: 'a snapshot that is not published says nothing, even where its rows are there',
      history: [
        { atMs: t.ms(-2), outcomes: { 'p/g': a } },
        { atMs: t.ms(-1), outcomes: { 'p/g': b, 'p/n': b }, isPublished: false },
      ],
      expected: {
        metric_group_targets_current: [['p', 'g', 'succeeded', t.id(-2), t.date(-2)]],
        metric_groups_current: [['p', 'g', 'A', t.id(-2), t.date(-2)]],
        metric_group_history: [['p', 'g', 'A', second(t, -2), t.at(-2), null, true]],
        metric_group_changes: [],
        sync_health: [['p', 'g', 'succeeded', null, null, t.at(-2), t.at(-2), 2, 0, t.at(-2)]],
      },
    },
    {
      name: 'a run that was repeated, and a day without a snapshot, change nothing',
      history: [
        { atMs: t.ms(-4), outcomes: { 'p/g': a } },
        { atMs: t.ms(-4), outcomes: { 'p/g': a } },
        { atMs: t.ms(-1), outcomes: { 'p/g': a } },
      ],
      expected: {
        metric_groups_current: [['p', 'g', 'A', t.id(-1), t.date(-1)]],
        metric_group_history: [['p', 'g', 'A', second(t, -4), t.at(-4), null, true]],
        metric_group_changes: [],
        sync_health: [['p', 'g', 'succeeded', null, null, t.at(-1), t.at(-1), 1, 0, t.at(-1)]],
      },
    },
    {
      name: 'quotes, emoji, newlines and lone surrogates stay as they are',
      history: [
        { atMs: t.ms(-1), outcomes: { 'p/g': { name: 'a "b" \'c\'', description: 'one\ntwo\t\\ 🚀', tags: ['x,"y"', 'z'] } } },
        { atMs: t.ms(0), outcomes: { 'p/g': { name: 'ü 🚀 \ud800', description: 'one\r\nthree', tags: ['x,"y"'] } } },
      ],
      expected: {
        metric_groups_current: [['p', 'g', 'ü 🚀 \ufffd', t.id(0), t.date(0)]],
        metric_group_history: [
          ['p', 'g', 'a "b" \'c\'', second(t, -1), t.at(-1), t.at(0), false],
          ['p', 'g', 'ü 🚀 \ufffd', second(t, 0), t.at(0), null, true],
        ],
        metric_group_changes: [
          ['p', 'g', 'changed', 'name', 'a "b" \'c\'', 'ü 🚀 \ufffd', t.id(0), t.at(0), t.date(0)],
          ['p', 'g', 'changed', 'description', 'one\ntwo\t\\ 🚀', 'one\r\nthree', t.id(0), t.at(0), t.date(0)],
          ['p', 'g', 'changed', 'tags', '["x,\\"y\\"","z"]', '["x,\\"y\\""]', t.id(0), t.at(0), t.date(0)],
        ],
      },
    },
    {
      name: 'a group whose last answer left the 30 days has its target, and no rows',
      history: [
        { atMs: t.ms(-31), outcomes: { 'p/g': { name: 'A', experiments: ['prod/e1'] }, 'p/k': a } },
        { atMs: t.ms(-30), outcomes: { 'p/g': 'failed', 'p/k': a } },
        { atMs: t.ms(0), outcomes: { 'p/g': 'invalid', 'p/k': 'failed' } },
      ],
      expected: {
        metric_group_targets_current: [
          ['p', 'g', null, null, null],
          ['p', 'k', 'succeeded', t.id(-30), t.date(-30)],
        ],
        metric_groups_current: [['p', 'k', 'A', t.id(-30), t.date(-30)]],
        metric_group_experiments_current: [],
        metric_group_history: [
          ['p', 'g', 'A', second(t, -31), t.at(-31), null, true],
          ['p', 'k', 'A', second(t, -31), t.at(-31), null, true],
        ],
        metric_group_changes: [],
        sync_health: [
          ['p', 'g', 'invalid', 'invalid_body', 'it was invalid', t.at(0), null, null, 2, t.at(0)],
          ['p', 'k', 'failed', 'http_503', 'it was failed', t.at(0), t.at(-30), 30, 1, t.at(0)],
        ],
      },
    },
    {
      name: 'without a full snapshot in 30 days the five views are empty, and history goes on',
      history: [
        { atMs: t.ms(-40), outcomes: { 'p/g': a } },
        { atMs: t.ms(-1), scope: 'subset', outcomes: { 'p/g': b } },
      ],
      expected: {
        metric_group_targets_current: [],
        metric_groups_current: [],
        metric_group_metrics_current: [],
        metric_group_experiments_current: [],
        sync_health: [],
        metric_group_history: [
          ['p', 'g', 'A', second(t, -40), t.at(-40), t.at(-1), false],
          ['p', 'g', 'B', second(t, -1), t.at(-1), null, true],
        ],
        metric_group_changes: [['p', 'g', 'changed', 'name', 'A', 'B', t.id(-1), t.at(-1), t.date(-1)]],
      },
    },
    {
      name: 'ten snapshots a day are ten states',
      history: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18].map((hour) => ({
        atMs: t.ms(-1, hour),
        outcomes: { 'p/g': hour === 8 ? b : a, 'p/k': hour < 4 ? 'not_found' : hour > 14 ? 'failed' : a },
      })),
      expected: {
        metric_group_targets_current: [
          ['p', 'g', 'succeeded', t.id(-1, 18), t.date(-1)],
          ['p', 'k', 'succeeded', t.id(-1, 14), t.date(-1)],
        ],
        metric_group_history: [
          ['p', 'g', 'A', second(t, -1, 0), t.at(-1, 0), t.at(-1, 8), false],
          ['p', 'g', 'B', second(t, -1, 8), t.at(-1, 8), t.at(-1, 10), false],
          ['p', 'g', 'A', second(t, -1, 10), t.at(-1, 10), null, true],
          ['p', 'k', 'A', second(t, -1, 4), t.at(-1, 4), null, true],
        ],
        metric_group_changes: [
          ['p', 'g', 'changed', 'name', 'A', 'B', t.id(-1, 8), t.at(-1, 8), t.date(-1)],
          ['p', 'g', 'changed', 'name', 'B', 'A', t.id(-1, 10), t.at(-1, 10), t.date(-1)],
          ['p', 'k', 'added', null, null, null, t.id(-1, 4), t.at(-1, 4), t.date(-1)],
        ],
        sync_health: [
          ['p', 'g', 'succeeded', null, null, t.at(-1, 18), t.at(-1, 18), 1, 0, t.at(-1, 18)],
          ['p', 'k', 'failed', 'http_503', 'it was failed', t.at(-1, 18), t.at(-1, 14), 1, 2, t.at(-1, 18)],
        ],
      },
    },
    {
      name: 'a column that arrived in a later version is null before, and its first value a change',
      history: [
        {
          atMs: t.ms(-1),
          lacks: ['active_guarded_rollout_count', 'extra_json'],
          outcomes: {
            'p/g': { name: 'A', fields: { activeGuardedRolloutCount: undefined } },
            'p/k': { name: 'A', fields: { activeGuardedRolloutCount: undefined } },
          },
        },
        {
          atMs: t.ms(0),
          outcomes: {
            'p/g': { name: 'A', fields: { activeGuardedRolloutCount: 2 } },
            'p/k': { name: 'A', fields: { activeGuardedRolloutCount: undefined } },
          },
        },
      ],
      expected: {
        metric_groups_current: [
          ['p', 'g', 'A', t.id(0), t.date(0)],
          ['p', 'k', 'A', t.id(0), t.date(0)],
        ],
        metric_group_history: [
          ['p', 'g', 'A', second(t, -1), t.at(-1), t.at(0), false],
          ['p', 'g', 'A', second(t, 0), t.at(0), null, true],
          ['p', 'k', 'A', second(t, -1), t.at(-1), null, true],
        ],
        metric_group_changes: [['p', 'g', 'changed', 'active_guarded_rollout_count', null, '2', t.id(0), t.at(0), t.date(0)]],
      },
    },
    {
      name: 'all own columns that change are told, first values included',
      history: [
        { atMs: t.ms(-1), outcomes: { 'p/g': { name: 'A', tags: ['t'] } } },
        {
          atMs: t.ms(0),
          outcomes: {
            'p/g': {
              name: 'A',
              tags: ['t'],
              description: 'new',
              metrics: ['m2', 'm1'],
              running: 1,
              fields: {
                _version: 2,
                _lastModified: -62_135_596_800_000,
                maintainer: { kind: 'team', key: 'crew', _team: { key: 'crew', name: 'The crew' } },
                zNew: [1],
              },
            },
          },
        },
      ],
      expected: {
        metric_group_changes: [
          ['description', null, 'new'],
          ['maintainer_kind', 'member', 'team'],
          ['maintainer_key', 'member-1', 'crew'],
          ['maintainer_email', 'ada@example.com', null],
          ['maintainer_first_name', 'Ada', null],
          ['maintainer_last_name', 'Lovelace', null],
          ['maintainer_role', 'writer', null],
          ['maintainer_team_key', null, 'crew'],
          ['maintainer_team_name', null, 'The crew'],
          ['version', '1', '2'],
          ['last_modified_at', '2026-01-03 00:00:00.000', '0001-01-01 00:00:00.000'],
          ['metric_keys', '["m1"]', '["m2","m1"]'],
          ['metric_count', '1', '2'],
          ['active_experiment_count', '0', '1'],
          ['extra_json', null, '{"zNew":[1]}'],
        ].map((change) => ['p', 'g', 'changed', ...change, t.id(0), t.at(0), t.date(0)]) as (string | null)[][],
      },
    },
  ];
}

/** When the answers of a snapshot came: a second after its instant. */
const second = (t: Times, days: number, hour = 6): string => t.at(days, hour).replace(':00.000', ':01.000');
