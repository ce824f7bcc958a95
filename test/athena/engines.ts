import { join } from 'node:path';
import { type SimulatedS3, startS3 } from '../aws/s3-server.ts';
import { cacheFolder, installPythonPrograms } from '../engines/python-programs.ts';
import type { CommandOptions } from '../engines/run-command.ts';
import { step } from '../engines/step.ts';
import { type MotoServer, startMoto } from './moto-server.ts';
import { installTrino } from './trino-files.ts';
import { startTrino } from './trino-server.ts';

/** What stands in for Athena: Trino, over Glue of moto and the tests' own S3. */
export type AthenaEngines = { readonly moto: MotoServer; readonly s3: SimulatedS3; readonly trinoUrl: string };

/** How the engines are started. */
export type EngineOptions = {
  readonly java: string;
  /** Where they keep their files while they run. */
  readonly folder: string;
  readonly interrupt: AbortSignal;
  /** Takes what ends each of them, as soon as it runs. */
  readonly closeLater: (close: () => Promise<void>) => void;
  /** Heap of Trino. @default 1 */
  readonly heapGigabytes?: number;
};

/** Installs what is missing, into a cache, and starts all of it on free ports of 127.0.0.1; the S3 client's environment is set for this process. */
export async function startEngines({ java, folder, interrupt, closeLater, heapGigabytes = 1 }: EngineOptions): Promise<AthenaEngines> {
  const options: CommandOptions = { environment: process.env as Record<string, string>, cwd: folder, interrupt };
  const cache = cacheFolder('athena-test');
  const programs = await step('moto is there', () => installPythonPrograms(cache, ['moto[server,glue]==5.2.5'], options));
  const home = await step('Trino is there', () => installTrino(cache, join(programs, 'python'), options));
  const s3 = await startS3({ buckets: [] });
  closeLater(s3.close);
  // CDK leaves its assemblies in the temporary folder: this one is removed.
  Object.assign(process.env, s3.environment, { TMPDIR: folder });
  const moto = await step('Glue listens on 127.0.0.1', () => startMoto(programs, folder));
  closeLater(moto.close);
  const sources = { glueUrl: moto.url, s3 };
  const trino = await step('Trino listens on 127.0.0.1', () => startTrino({ java, home, folder, sources, heapGigabytes }));
  closeLater(trino.close);
  return { moto, s3, trinoUrl: trino.url };
}
