import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import type { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { type CfnTable, Database } from 'aws-cdk-lib/aws-glue';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { savedQueryNames } from '../../lambda/contract/saved-queries.ts';
import { type TableName, tables } from '../../lambda/contract/tables.ts';
import { type ViewName, viewNames } from '../../lambda/contract/views.ts';
import { checkProps, wholeNumberProblem } from '../check-props.ts';
import { nameProblem } from '../deployment-name.ts';
import { type OutputLocation, prefixProblem } from '../output-location.ts';
import { createAnalystPolicy } from './analyst-policy.ts';
import { createQueryWorkgroup, smallestScanLimit } from './query-workgroup.ts';
import { createSavedQuery } from './saved-queries.ts';
import { createWarehouseBucket } from './warehouse-bucket.ts';
import { createWarehouseTable, firstDateProblem, firstReleaseDate } from './warehouse-table.ts';
import { createWarehouseView } from './warehouse-view.ts';

/** Where tables are kept and how they are queried. */
export interface WarehouseProps {
  /** Name of the deployment: the workgroup is called so, and the database, with `_` for `-`. Unique in an account and region. */
  readonly name: string;
  /**
   * A bucket of one's own. Encryption, TLS only, versions and lifecycle are then its owner's business.
   * @default - a new one: private, TLS only, encrypted, versioned, kept when the stack goes
   */
  readonly bucket?: IBucket;
  /**
   * Folder of the bucket that everything is kept in, without slashes at its ends.
   * @default '' - the whole bucket
   */
  readonly prefix?: string;
  /**
   * Key that encrypts objects and query results; a given bucket brings its own.
   * @default - keys that S3 manages
   */
  readonly encryptionKey?: IKey;
  /**
   * How long raw answers are kept, from which tables can be rebuilt.
   * @default Duration.days(365)
   */
  readonly rawRetention?: Duration;
  /**
   * How long versions that were replaced or deleted can be brought back.
   * @default Duration.days(30)
   */
  readonly oldVersionRetention?: Duration;
  /**
   * How long results of queries are kept.
   * @default Duration.days(7)
   */
  readonly queryResultRetention?: Duration;
  /**
   * How much a single query may scan before Athena ends it.
   * @default Size.gibibytes(10) - about 5 cents
   */
  readonly scanLimit?: Size;
  /**
   * The first UTC date that queries look at, `YYYY-MM-DD`: a query without a filter on `snapshot_date` lists one folder a table and day since then.
   * @default '2026-01-01' - no snapshot is older than the product
   */
  readonly firstSnapshotDate?: string;
}

/** The tables of the contract over a bucket, a workgroup to query them in, and a policy for those who do. */
export class Warehouse extends Construct {
  /** Where objects are kept: what the sync writes to. */
  readonly location: OutputLocation;
  readonly database: Database;
  /** The tables in the catalogue. */
  readonly tables: Readonly<Record<TableName, CfnTable>>;
  /** The views over them, in the same database. */
  readonly views: Readonly<Record<ViewName, CfnTable>>;
  /** The workgroup of all queries; saved queries belong to it. */
  readonly workgroup: CfnWorkGroup;
  /** What an analyst's role needs, and no more. */
  readonly analystPolicy: IManagedPolicy;

  constructor(scope: Construct, id: string, props: WarehouseProps) {
    super(scope, id);
    const { name, prefix = '', encryptionKey, firstSnapshotDate: firstDate = firstReleaseDate, scanLimit = Size.gibibytes(10) } = props;
    const { rawRetention = Duration.days(365), oldVersionRetention = Duration.days(30), queryResultRetention = Duration.days(7) } = props;
    const scanBytes = scanLimit.toBytes();
    const retentionProblem = (retention: Duration): string | undefined =>
      wholeNumberProblem(retention.toDays({ integral: false }), 1, 36_500)?.replace('a whole number', 'whole days');
    checkProps(this, [
      ['name', name, nameProblem(name)],
      ['prefix', prefix, prefixProblem(prefix)],
      ['rawRetention', rawRetention.toHumanString(), retentionProblem(rawRetention)],
      ['oldVersionRetention', oldVersionRetention.toHumanString(), retentionProblem(oldVersionRetention)],
      ['queryResultRetention', queryResultRetention.toHumanString(), retentionProblem(queryResultRetention)],
      ['firstSnapshotDate', firstDate, firstDateProblem(firstDate)],
      ['scanLimit', `${scanBytes} bytes`, scanBytes >= smallestScanLimit.toBytes() ? undefined : 'must be at least 10 MiB'],
      [
        'encryptionKey',
        encryptionKey?.keyArn,
        props.bucket && encryptionKey
          ? 'must be given with the bucket: Bucket.fromBucketAttributes({ bucketArn, encryptionKey })'
          : undefined,
      ],
    ]);

    const bucket =
      props.bucket ??
      createWarehouseBucket(this, 'Bucket', { prefix, encryptionKey, rawRetention, oldVersionRetention, queryResultRetention });
    this.location = { bucket, prefix };
    this.database = new Database(this, 'Database', {
      databaseName: databaseName(name),
      description: `LaunchDarkly metric groups, synced by ${name}`,
    });
    // It holds descriptions only: retained, it would stand in the way of the next deployment of this name.
    this.database.applyRemovalPolicy(RemovalPolicy.DESTROY);
    const { database, location } = this;
    this.tables = createEach(Object.keys(tables) as TableName[], (table) =>
      createWarehouseTable(this, constructId(table), table, { database, location, firstDate }),
    );
    this.views = createEach(viewNames, (view) => createWarehouseView(this, constructId(view), view, database));
    this.workgroup = createQueryWorkgroup(this, 'Workgroup', { name, location: this.location, scanLimit });
    const { workgroup } = this;
    createEach(savedQueryNames, (query) => createSavedQuery(this, `${constructId(query)}Query`, query, { database, location, workgroup }));
    this.analystPolicy = createAnalystPolicy(this, 'AnalystPolicy', { location, database, workgroup });
  }
}

/** The database of a deployment: Athena wants no `-` in a name that is not quoted. */
export const databaseName = (name: string): string => name.replaceAll('-', '_');

const createEach = <N extends string, T>(names: readonly N[], create: (name: N) => T): Record<N, T> =>
  Object.fromEntries(names.map((name) => [name, create(name)])) as Record<N, T>;

const constructId = (name: string): string => name.replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
