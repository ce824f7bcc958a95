import { Aws, Fn, Stack } from 'aws-cdk-lib';
import { CfnTable, type IDatabase } from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import type { AthenaType, Column } from '../../lambda/contract/tables.ts';
import { readViewSql, type ViewName, views } from '../../lambda/contract/views.ts';

/**
 * A view of the contract in the catalogue, as Athena itself stores one: its query with the Presto types of its columns as base64,
 * beside the same columns in Hive's types. It has no description, since that hides a view from Trino.
 */
export function createWarehouseView(scope: Construct, id: string, view: ViewName, database: IDatabase): CfnTable {
  const columns: readonly Column[] = views[view].columns;
  const stored = {
    originalSql: readViewSql(view).trim(),
    catalog: 'awsdatacatalog',
    schema: database.databaseName,
    columns: columns.map(({ name, type }) => ({ name, type: prestoTypes[type] })),
  };
  return new CfnTable(scope, id, {
    catalogId: Aws.ACCOUNT_ID,
    databaseName: database.databaseName,
    tableInput: {
      name: view,
      // Trino, unlike Athena, takes no view without an owner; this is the one that Athena writes.
      owner: 'hadoop',
      tableType: 'VIRTUAL_VIEW',
      parameters: { presto_view: 'true', comment: 'Presto View' },
      viewOriginalText: Fn.join('', ['/* Presto View: ', Fn.base64(Stack.of(scope).toJsonString(stored)), ' */']),
      viewExpandedText: '/* Presto View */',
      storageDescriptor: {
        columns: columns.map(({ name, type, comment }) => ({ name, type, comment })),
        serdeInfo: {},
      },
    },
  });
}

/** Athena's types as the SQL of its engine spells them. @see https://docs.aws.amazon.com/athena/latest/ug/data-types.html */
export const prestoTypes: Readonly<Record<AthenaType, string>> = {
  string: 'varchar',
  int: 'integer',
  bigint: 'bigint',
  boolean: 'boolean',
  timestamp: 'timestamp(3)',
  'array<string>': 'array(varchar)',
};
