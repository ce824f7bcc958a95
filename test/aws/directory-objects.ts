import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { S3Failure } from './s3-answers.ts';
import type { StoredObject } from './s3-objects.ts';

/**
 * Objects that are also plain files, `<directory>/<bucket>/<key>`, for other processes to read; a file appears whole or not at all.
 * The files are read once, at the start: later changes from outside are not seen. Metadata is kept below `<directory>/.metadata`.
 * A key that cannot be a file name (`a//b`, `..`, `a` beside `a/b`) is refused with an `S3Failure` InvalidArgument.
 */
export class DirectoryObjects extends Map<string, StoredObject> {
  readonly #directory: string;

  constructor(directory: string, buckets: readonly string[]) {
    super();
    this.#directory = directory;
    for (const bucket of buckets) {
      mkdirSync(join(directory, bucket), { recursive: true });
      for (const path of filesBelow(join(directory, bucket))) {
        const objectPath = relative(directory, path).split(sep).join('/');
        super.set(objectPath, this.#read(path, objectPath));
      }
    }
  }

  override set(objectPath: string, object: StoredObject): this {
    const { body, ...properties } = object;
    requireFileName(objectPath);
    try {
      this.#write(this.#metadataFile(objectPath), JSON.stringify(properties));
      this.#write(join(this.#directory, objectPath), body);
    } catch (error) {
      throw new S3Failure('InvalidArgument', `${objectPath} cannot be kept as a file: ${String(error)}`);
    }
    return super.set(objectPath, object);
  }

  override delete(objectPath: string): boolean {
    if (!this.has(objectPath)) return false;
    rmSync(join(this.#directory, objectPath), { force: true });
    rmSync(this.#metadataFile(objectPath), { force: true });
    return super.delete(objectPath);
  }

  override clear(): void {
    for (const objectPath of [...this.keys()]) this.delete(objectPath);
  }

  #read(path: string, objectPath: string): StoredObject {
    const body = readFileSync(path);
    try {
      const { lastModified, ...properties } = JSON.parse(readFileSync(this.#metadataFile(objectPath), 'utf8'));
      return { ...properties, lastModified: new Date(lastModified), body };
    } catch {
      return { body, metadata: {}, contentType: 'binary/octet-stream', lastModified: statSync(path).mtime };
    }
  }

  #write(path: string, content: string | Buffer): void {
    const incoming = join(this.#directory, '.incoming');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(incoming, content);
    renameSync(incoming, path);
  }

  #metadataFile(objectPath: string): string {
    return join(this.#directory, '.metadata', `${objectPath}.json`);
  }
}

function requireFileName(objectPath: string): void {
  const bad = objectPath.split('/').find((part) => part === '' || part === '.' || part === '..' || part.includes('\0'));
  if (bad !== undefined) throw new S3Failure('InvalidArgument', `${objectPath} cannot be kept as a file: it has a part '${bad}'`);
}

function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
