import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort, type ServerProcess, startServerProcess } from '../engines/server-process.ts';

/** A running Trino. */
export type TrinoServer = ServerProcess & { readonly url: string };

/** What Trino reads: Glue and S3 at one address, with projected partitions, as Athena has them. */
const catalogue = (awsUrl: string): string => `connector.name=hive
hive.metastore=glue
hive.metastore.glue.endpoint-url=${awsUrl}
hive.metastore.glue.region=eu-central-1
hive.metastore.glue.aws-access-key=test
hive.metastore.glue.aws-secret-key=test
hive.partition-projection-enabled=true
hive.table-statistics-enabled=false
hive.recursive-directories=true
hive.ignore-absent-partitions=true
hive.non-managed-table-writes-enabled=true
fs.native-s3.enabled=true
s3.endpoint=${awsUrl}
s3.region=eu-central-1
s3.path-style-access=true
s3.aws-access-key=test
s3.aws-secret-key=test
`;

/** @see https://trino.io/docs/476/installation/deployment.html */
const flags = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djdk.attach.allowAttachSelf=true',
  '-XX:+EnableDynamicAgentLoading',
  '--enable-native-access=ALL-UNNAMED',
  '--add-modules=jdk.incubator.vector',
  '--sun-misc-unsafe-memory-access=allow',
  '-Duser.timezone=UTC',
];

/** Starts Trino over Glue and S3 at `awsUrl`, on a free port of 127.0.0.1. */
export async function startTrino(options: {
  readonly java: string;
  readonly home: string;
  readonly folder: string;
  readonly awsUrl: string;
  /** @default 1 */
  readonly heapGigabytes?: number;
}): Promise<TrinoServer> {
  const { java, home, folder, awsUrl, heapGigabytes = 1 } = options;
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const catalogues = join(folder, 'catalog');
  mkdirSync(catalogues, { recursive: true });
  writeFileSync(join(catalogues, 'awsdatacatalog.properties'), catalogue(awsUrl));
  const configuration = join(folder, 'config.properties');
  writeFileSync(
    configuration,
    `coordinator=true
node-scheduler.include-coordinator=true
node.environment=test
node.id=test
node.bind-ip=127.0.0.1
node.internal-address=127.0.0.1
http-server.http.port=${port}
discovery.uri=${url}
plugin.dir=${join(home, 'plugin')}
catalog.config-dir=${catalogues}
`,
  );
  const server = await startServerProcess({
    program: java,
    args: [
      `-Xmx${heapGigabytes}G`,
      ...flags,
      `-Dconfig=${configuration}`,
      `-Dnode.data-dir=${join(folder, 'data')}`,
      '-cp',
      join(home, 'lib/*'),
      'io.trino.server.TrinoServer',
    ],
    cwd: folder,
    environment: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder },
    readyText: 'SERVER STARTED',
    startMs: 180_000,
  });
  return { ...server, url };
}
