import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort, type ServerProcess, startServerProcess } from '../engines/server-process.ts';

/** A running Trino. */
export type TrinoServer = ServerProcess & { readonly url: string };

/** Where Trino finds what it reads, with the account of the S3. */
export type Sources = {
  readonly glueUrl: string;
  readonly s3: { readonly url: string; readonly environment: Readonly<Record<string, string>> };
};

/** The catalogue that stored views name: Glue and S3, with projected partitions, as Athena has them. */
const athenaCatalogue = ({ glueUrl, s3 }: Sources): string => `connector.name=hive
hive.metastore=glue
hive.metastore.glue.endpoint-url=${glueUrl}
hive.metastore.glue.region=${s3.environment['AWS_REGION']}
hive.metastore.glue.aws-access-key=test
hive.metastore.glue.aws-secret-key=test
hive.partition-projection-enabled=true
hive.table-statistics-enabled=false
hive.recursive-directories=true
hive.ignore-absent-partitions=true
fs.native-s3.enabled=true
s3.endpoint=${s3.url}
s3.region=${s3.environment['AWS_REGION']}
s3.path-style-access=true
s3.aws-access-key=${s3.environment['AWS_ACCESS_KEY_ID']}
s3.aws-secret-key=${s3.environment['AWS_SECRET_ACCESS_KEY']}
`;

/** A place to write tables to: files in a folder. */
const localCatalogue = (folder: string): string => `connector.name=hive
hive.metastore=file
hive.metastore.catalog.dir=local:///
fs.native-local.enabled=true
local.location=${folder}
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

/** Starts Trino on a free port of 127.0.0.1, with the catalogues `awsdatacatalog`, over Glue and S3, and `local`, which can be written to. */
export async function startTrino(options: {
  readonly java: string;
  readonly home: string;
  readonly folder: string;
  readonly sources: Sources;
  /** @default 1 */
  readonly heapGigabytes?: number;
}): Promise<TrinoServer> {
  const { java, home, folder, sources, heapGigabytes = 1 } = options;
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const catalogues = join(folder, 'catalog');
  mkdirSync(catalogues, { recursive: true });
  writeFileSync(join(catalogues, 'awsdatacatalog.properties'), athenaCatalogue(sources));
  const local = join(folder, 'local');
  mkdirSync(local, { recursive: true });
  writeFileSync(join(catalogues, 'local.properties'), localCatalogue(local));
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
