import { Aws } from 'aws-cdk-lib';
import { CfnTable, type IDatabase } from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import { parseDate } from '../../lambda/contract/instants.ts';
import { tablePrefix } from '../../lambda/contract/objects.ts';
import { type Column, partitionColumn, type TableName, tables } from '../../lambda/contract/tables.ts';
import { type OutputLocation, uriWithin } from '../output-location.ts';

/** Where tables are, and the first UTC date (`YYYY-MM-DD`) that a query finds anything of. */
export type WarehouseTableProps = { readonly database: IDatabase; readonly location: OutputLocation; readonly firstDate: string };

/** No snapshot is older than the product. */
export const firstReleaseDate = '2026-01-01';

/** What is wrong with a first date; undefined where nothing is. A range that begins in the future hides every snapshot without a word. */
export const firstDateProblem = (date: string): string | undefined =>
  parseDate(date) === undefined || date < firstReleaseDate || date > new Date().toISOString().slice(0, 10)
    ? `must be a date from ${firstReleaseDate} to today (UTC)`
    : undefined;

/**
 * A table of the contract in the catalogue.
 * Partitions are projected: every date since the first one is there without a crawler, and a date's cost is one listing.
 * @see https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
 */
export function createWarehouseTable(
  scope: Construct,
  id: string,
  table: TableName,
  { database, location, firstDate }: WarehouseTableProps,
): CfnTable {
  return new CfnTable(scope, id, {
    catalogId: Aws.ACCOUNT_ID,
    databaseName: database.databaseName,
    tableInput: {
      name: table,
      description: tables[table].comment,
      tableType: 'EXTERNAL_TABLE',
      partitionKeys: [glueColumn(partitionColumn)],
      parameters: {
        EXTERNAL: 'TRUE',
        'projection.enabled': 'true',
        [`projection.${partitionColumn.name}.type`]: 'date',
        [`projection.${partitionColumn.name}.format`]: 'yyyy-MM-dd',
        [`projection.${partitionColumn.name}.range`]: `${firstDate},NOW+1DAYS`,
      },
      storageDescriptor: {
        columns: tables[table].columns.map(glueColumn),
        location: uriWithin(location, tablePrefix(table)),
        inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
        outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
        // Not CDK's DataFormat.JSON, which is OpenX: AWS warns of its non-deterministic row counts, and names this one as the cure.
        serdeInfo: { serializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
      },
    },
  });
}

const glueColumn = ({ name, type, comment }: Column): CfnTable.ColumnProperty => ({ name, type, comment });
