import { Aws } from 'aws-cdk-lib';
import { CfnTable, type IDatabase } from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import { tablePrefix } from '../../lambda/contract/objects.ts';
import { type Column, partitionColumn, type TableName, tables } from '../../lambda/contract/tables.ts';
import { type OutputLocation, uriWithin } from '../output-location.ts';

/**
 * A table of the contract in the catalogue.
 * Partitions are projected: every date since the first release is there without a crawler, and a date's cost is one listing.
 * @see https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
 */
export function createWarehouseTable(
  scope: Construct,
  id: string,
  table: TableName,
  database: IDatabase,
  location: OutputLocation,
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

/** No snapshot is older than the product. */
const firstDate = '2026-01-01';

const glueColumn = ({ name, type, comment }: Column): CfnTable.ColumnProperty => ({ name, type, comment });
