import type { AthenaType } from '../contract/tables.ts';

/**
 * Where DuckDB speaks otherwise than Athena. All that the views and saved queries need beyond what both understand is here,
 * and one suite of tests holds both engines to the same answers.
 */

/** What DuckDB calls the types of the contract. */
export const duckdbTypes: Readonly<Record<AthenaType, string>> = {
  string: 'VARCHAR',
  int: 'INTEGER',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  'array<string>': 'VARCHAR[]',
};

/** Athena's functions that DuckDB lacks, and its settings: `current_date` is UTC, as in Athena. */
export const dialectStatements: readonly string[] = [
  "SET TimeZone = 'UTC'",
  'CREATE MACRO json_format(value) AS value::VARCHAR',
  // MySQL's letters, as in Athena: only the minutes are written otherwise.
  "CREATE MACRO date_format(value, format) AS strftime(value, replace(format, '%i', '%M'))",
];
