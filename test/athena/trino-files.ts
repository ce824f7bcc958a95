import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CommandOptions, runCommand } from '../engines/run-command.ts';

/** The release that was tried, newest of those in Maven's format; the digests are of its files in Maven Central. */
const version = '476';
const archives = [
  {
    path: `io/trino/trino-server-core/${version}/trino-server-core-${version}.tar.gz`,
    sha256: '0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158',
  },
  {
    path: `io/trino/trino-hive/${version}/trino-hive-${version}.zip`,
    sha256: '611bacdb07d9f3cf7b9d47f97ecc76fa2e7ff8bfe8a9728c3d06adc1bfb8662e',
  },
] as const;

/** Maven Central, or a mirror of it. */
const repository = process.env['MAVEN_REPOSITORY_URL'] || 'https://repo1.maven.org/maven2';

/**
 * Installs Trino with its Hive connector and nothing else, unless it is there, and returns its folder.
 * @param python Unpacks archives.
 * @throws Error where a file cannot be had, or is another than the one that was tried
 */
export async function installTrino(folder: string, python: string, options: CommandOptions): Promise<string> {
  const home = join(folder, `trino-${version}`);
  if (existsSync(home)) return home;
  const unpacked = join(folder, 'unpacking');
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  for (const { path, sha256 } of archives) {
    const file = join(unpacked, path.slice(path.lastIndexOf('/') + 1));
    await download(`${repository}/${path}`, file, sha256, options.interrupt);
    await runCommand(python, ['-m', file.endsWith('.zip') ? 'zipfile' : 'tarfile', '-e', file, unpacked], options);
    rmSync(file);
  }
  const server = join(unpacked, `trino-server-core-${version}`);
  const hive = join(unpacked, `trino-hive-${version}`);
  // 194 MB of other connectors, and Hadoop's file system, are not needed here.
  rmSync(join(server, 'plugin'), { recursive: true });
  rmSync(join(hive, 'hdfs'), { recursive: true, force: true });
  mkdirSync(join(server, 'plugin'));
  renameSync(hive, join(server, 'plugin/hive'));
  renameSync(server, home);
  rmSync(unpacked, { recursive: true });
  return home;
}

async function download(url: string, file: string, sha256: string, interrupt: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal: interrupt });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}; set MAVEN_REPOSITORY_URL for a mirror`);
  const digest = createHash('sha256');
  await pipeline(
    Readable.fromWeb(response.body),
    async function* (chunks) {
      for await (const chunk of chunks) {
        digest.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file),
  );
  const got = digest.digest('hex');
  if (got !== sha256) throw new Error(`${url} is another file than the one that was tried: SHA-256 ${got} in place of ${sha256}`);
}
