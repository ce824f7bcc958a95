import {
  commitObject,
  partName,
  partObject,
  planObject,
  rowsPerObject,
  sealObject,
  snapshotAt,
  tableObject,
  targetsPerSlice,
} from '../../lambda/contract/objects.ts';
import { isAnswer, type Status, statuses } from '../../lambda/contract/raw.ts';
import { rowKeys } from '../../lambda/contract/row-keys.ts';
import { type Column, type GroupTableName, partitionColumn, type TableName, tables } from '../../lambda/contract/tables.ts';
import { readViewSql, type ViewName, viewNames, views } from '../../lambda/contract/views.ts';
import { renderCode, renderTable } from './markdown.ts';

/** The tables in the order a reader wants them, with what columns and keys alone do not say. */
const notes: Readonly<Record<TableName, string | undefined>> = {
  metric_groups: undefined,
  metric_group_metrics: undefined,
  metric_group_experiments: 'If LaunchDarkly names an experiment of one environment more than once, the first counts.',
  sync_targets: undefined,
  sync_snapshots: 'Each object holds one row.',
};

const meanings: Readonly<Record<Status, string>> = {
  succeeded: 'LaunchDarkly answered 200 with a valid metric group.',
  not_found: 'LaunchDarkly answered 404: the group was deleted, never existed, or is hidden from the token.',
  forbidden: 'LaunchDarkly answered 403: the role of the token lacks access.',
  invalid:
    'The answer cannot be used: a required field is missing or of the wrong type, another key than asked for, more than 16 MiB, ' +
    'not JSON after all attempts, a redirect, or any other status.',
  failed: 'No answer after all attempts: 408, 5xx, a connection that broke, or a time-out.',
};

/** The views in the order a reader wants them: what no two of their rows share, and what columns alone do not say. */
const viewNotes: Readonly<Record<ViewName, { readonly key: readonly string[]; readonly note: string }>> = {
  metric_groups_current: {
    key: rowKeys.metric_groups,
    note: 'A group whose newest answer is `not_found`, or older than 30 days, has no row.',
  },
  metric_group_metrics_current: { key: rowKeys.metric_group_metrics, note: 'Of the groups in `metric_groups_current`.' },
  metric_group_experiments_current: { key: rowKeys.metric_group_experiments, note: 'Of the groups in `metric_groups_current`.' },
  sync_health: { key: rowKeys.metric_groups, note: 'It looks back 30 days. Empty where these hold no full snapshot.' },
  metric_group_targets_current: {
    key: rowKeys.metric_groups,
    note: 'The answer can be of any published snapshot of these days, full or subset. Empty where they hold no full one.',
  },
  metric_group_history: {
    key: [...rowKeys.metric_groups, 'valid_from'],
    note:
      'What `metric_groups_current` was after each published snapshot, from the first full one on, without the 30 days. An outcome that is no answer ends no version; ' +
      '`not_found`, and a full snapshot without the group, do. Experiments and names of metrics make none. A snapshot that is published late rewrites versions. It reads everything, whatever the filter.',
  },
  metric_group_changes: {
    key: [...rowKeys.metric_groups, 'snapshot_id', 'change', 'column_name'],
    note:
      "All own columns of `metric_groups` but the two keys are compared. What the first full snapshot shows is not `added`; what is listed later, or returns, is. A new column's first value is a change. " +
      'It reads everything, whatever the filter.',
  },
};

const snapshot = snapshotAt(Date.UTC(2026, 10, 23, 6));

/** The data dictionary as a page, from the contract in code. */
export function renderTablesPage(): string {
  const names = Object.keys(notes) as TableName[];
  return `${[
    '<!-- Written by `npm run docs` from lambda/contract/. Change it there. -->',
    '# Tables and views',
    `The tables hold what LaunchDarkly said and how asking for it went; the views stand on them. Types are Athena's. Every column is in every row, null where there is no value. How to ask them is in [querying.md](querying.md).`,
    renderTable(
      ['Table', 'Rows'],
      names.map((name) => [`[${name}](#${name})`, tables[name].comment]),
    ),
    renderTable(
      ['View', 'Rows', 'Stands on'],
      viewNamesForReaders.map((name) => [`[${name}](#${name})`, views[name].comment, findSources(name).map(link).join(', ')]),
    ),
    ...reading,
    ...names.flatMap(renderTableSection),
    ...viewNamesForReaders.flatMap(renderViewSection),
    ...renderStatuses(),
    ...renderObjects(),
  ].join('\n\n')}\n`;
}

const reading = [
  '## How to read them',
  [
    '- A *target* is one pair of project key and metric-group key to sync. A *snapshot* is the state of all targets at one instant, and `snapshot_id` is that instant in UTC.',
    '- For what there is now, ask the views `…_current`: one snapshot lacks the groups that did not answer in it, and these views carry them over from the newest snapshot that has an answer.',
    '- A snapshot is published once it has its row in `sync_snapshots`. The views count no other. With the tables, join on `snapshot_id` and `snapshot_date` to leave out one whose tables are still being written.',
    '- A snapshot of scope `subset` holds only the targets of one run. The views take its answers; which groups there are is told by the newest of scope `full`, whose id is the greatest.',
    `- \`${partitionColumn.name}\` (${partitionColumn.type}) is the partition of every table. ${partitionColumn.comment} It stands in the name of the folder, not in the rows.`,
    '- Instants are UTC, written `YYYY-MM-DD HH:MM:SS.SSS`. *Sorted* means by UTF-8 bytes.',
    '- A group without the status `succeeded` has no rows in the `metric_group…` tables of that snapshot. `not_found` means that it is gone, or hidden from the token. The other statuses say nothing about it.',
    '- `row_hash` covers the columns before `extracted_at` that are not null. `metric_group_history` and `metric_group_changes` compare it over snapshots.',
    '- A field or a value that this version does not know is no error. The field goes to `extra_json`, and its path to `unknown_fields` of `sync_snapshots`. An unknown value, such as a new `kind`, is stored as it is.',
  ].join('\n'),
  'What joins to what:',
  renderTable(
    ['Columns', 'Join to'],
    [
      [
        list(['snapshot_id', ...rowKeys.metric_groups]),
        'the same columns of the other tables; `metric_group_metrics` and `metric_group_experiments` hang on `metric_groups`',
      ],
      [list(['project_key', 'environment_key', 'experiment_key']), 'these three name one experiment'],
      [renderCode('environment_id'), "`environment` in rows of LaunchDarkly's Data Export"],
      [renderCode('event_key'), '`key` of exported custom events (it is not the key of the metric)'],
      [renderCode('metric_version_id'), "the metric's definition version in warehouse results"],
    ],
  ),
];

function renderTableSection(name: TableName): string[] {
  const columns: readonly Column[] = tables[name].columns;
  const [key, note, isCommit] = [list(rowKeys[name]), notes[name], name === 'sync_snapshots'];
  return [
    `## ${name}`,
    tables[name].comment,
    [
      ...(isCommit ? [] : [`Sorted by ${key}.`]),
      `Unique${isCommit ? '' : ' within a snapshot'}: ${key}.`,
      ...(note === undefined ? [] : [note]),
    ].join(' '),
    renderTable(
      ['Column', 'Type', 'Null', 'Meaning'],
      columns.map((column) => renderColumn(column)),
    ),
  ];
}

const renderColumn = ({ name, type, nullable, comment }: Column): string[] => [
  renderCode(name),
  renderCode(type),
  nullable ? 'yes' : 'no',
  comment,
];

const viewNamesForReaders = Object.keys(viewNotes) as ViewName[];

const link = (name: string): string => `[${name}](#${name})`;

/** The tables and views that a view reads, in the order in which its SQL names them. */
function findSources(view: ViewName): (TableName | ViewName)[] {
  const named = [...readViewSql(view).matchAll(/\b(?:from|join) (\w+)/g)].map(([, name = '']) => name);
  return [...new Set(named)].filter((name) => Object.hasOwn(tables, name) || viewNames.some((other) => other === name)) as (
    | TableName
    | ViewName
  )[];
}

function renderViewSection(name: ViewName): string[] {
  const { key, note } = viewNotes[name];
  const columns: readonly Column[] = views[name].columns;
  const [table, shared] = findSharedColumns(columns);
  return [
    `## ${name}`,
    views[name].comment,
    `Stands on ${findSources(name).map(link).join(', ')}. Unique: ${list(key)}. ${note}`,
    ...(shared === 0
      ? []
      : [
          `The columns of ${link(table)} from ${renderCode(columns[0]?.name ?? '')} to ${renderCode(columns[shared - 1]?.name ?? '')}, and:`,
        ]),
    renderTable(
      ['Column', 'Type', 'Null', 'Meaning'],
      columns.slice(shared).map((column) => renderColumn(column)),
    ),
  ];
}

/** The table whose columns a view begins with, and how many of them; 0 where it shares its keys alone. */
function findSharedColumns(columns: readonly Column[]): [GroupTableName, number] {
  const groupTables = ['metric_groups', 'metric_group_metrics', 'metric_group_experiments'] as const;
  const counts = groupTables.map((table): [GroupTableName, number] => {
    const differing = columns.findIndex((column, index) => column !== tables[table].columns[index]);
    return [table, differing < 0 ? columns.length : differing];
  });
  const [table, count] = counts.reduce((best, next) => (next[1] > best[1] ? next : best));
  return [table, count > rowKeys.metric_groups.length ? count : 0];
}

function renderStatuses(): string[] {
  return [
    '## Statuses',
    '`sync_targets.status` is how a target ended. The first two are *answers*: they say something about the group. `sync_snapshots.status` is `complete` when every target has an answer, else `partial`.',
    renderTable(
      ['Status', 'Answer', 'When'],
      statuses.map((status) => [renderCode(status), isAnswer(status) ? 'yes' : 'no', meanings[status]]),
    ),
  ];
}

function renderObjects(): string[] {
  return [
    '## Objects',
    `Under the output, for the snapshot of 2026-11-23 06:00 UTC, in the order in which they are written:`,
    renderTable(
      ['Object', 'Holds'],
      [
        [renderCode(planObject(snapshot)), 'the resolved targets, and what they were resolved from'],
        [
          renderCode(partObject(snapshot, partName(0, 0))),
          `responses as received, ${targetsPerSlice} targets a slice; the name is slice and number`,
        ],
        [renderCode(sealObject(snapshot)), 'the decision to publish, and the parts that count'],
        [
          renderCode(tableObject('metric_groups', snapshot, 0)),
          `a table; the number counts objects of ${rowsPerObject.toLocaleString('en-US')} rows`,
        ],
        [renderCode(commitObject(snapshot)), 'the row of `sync_snapshots`: the commit, written last'],
      ],
    ),
    'All are gzipped JSON lines. A table without rows has one object, an empty gzip.',
  ];
}

function list(names: readonly string[]): string {
  return names.map(renderCode).join(', ');
}
