import { readFileSync } from 'node:fs';

/** The questions that people ask, each with its SQL in a file of its name in `saved-queries/`: saved in Athena, and examples for local use. */
export const savedQueryTitles = {
  is_todays_snapshot_there: "Is today's snapshot there",
  groups_without_running_experiment: 'Groups without a running experiment',
  experiments_of_a_group: 'The experiments of one group, by environment',
  groups_using_a_metric: 'Where a metric is used',
  funnel_steps_as_of_a_date: "A funnel's steps as of a date",
  changes_of_the_last_30_days: 'What changed in the last 30 days',
  targets_without_fresh_answer: 'Targets without a fresh answer, and since when',
  unload_current_groups_to_parquet: 'Unload the current groups to Parquet',
} as const;

/** The name of a saved query. */
export type SavedQueryName = keyof typeof savedQueryTitles;

/** The names of the saved queries, in the order in which people see them. */
export const savedQueryNames = Object.keys(savedQueryTitles) as SavedQueryName[];

/** A query that people find by its title; `description` is the comment that its SQL begins with. */
export type SavedQuery = { readonly name: SavedQueryName; readonly title: string; readonly description: string; readonly sql: string };

/**
 * Reads a saved query.
 * @param queryResults Where results of queries are kept, as a URI that ends in `/`: what an `UNLOAD` writes goes below.
 */
export function readSavedQuery(name: SavedQueryName, queryResults: string): SavedQuery {
  const text = readFileSync(new URL(`./saved-queries/${name}.sql`, import.meta.url), 'utf8').trim();
  const comment = /^(?:-- .*\n)+/.exec(text)?.[0] ?? '';
  const description = comment.replaceAll(/^-- /gm, '').trim().replaceAll('\n', ' ');
  return { name, title: savedQueryTitles[name], description, sql: text.replaceAll('{query_results}', queryResults) };
}
