import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { describeError, SyncError } from '../errors.ts';
import { compareUtf8 } from '../json/utf8-order.ts';
import type { Content, Output } from './output.ts';

/**
 * Keeps objects as files below a directory. A file appears under its name whole: written beside as a hidden file, made durable, then linked,
 * so that neither a crash nor a power cut nor a full disk leaves half of one.
 */
export function createDirectoryOutput(uri: string): Output {
  const root = resolve(uri);
  const pathOf = (object: string): string => join(root, object);

  /** Writes a hidden file beside the object, hands it to `publish`, and takes it away. */
  const write = async (object: string, content: Content, publish: (hidden: string, path: string) => Promise<void>): Promise<void> => {
    const path = pathOf(object);
    const hidden = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
    try {
      const file = await createFile(hidden);
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await publish(hidden, path);
    } finally {
      await rm(hidden, { force: true });
    }
    await syncDirectory(dirname(path));
  };

  return {
    uri,
    prepare: () =>
      explained(`${root}: cannot be written`, async () => {
        await makeDirectory(root);
        const probe = join(root, `.probe.${randomUUID()}.tmp`);
        await (await open(probe, 'wx')).close();
        await rm(probe);
      }),
    create: (object, content) =>
      explained(`${pathOf(object)}: cannot be written`, async () => {
        try {
          await write(object, content, link);
          return 'created';
        } catch (error) {
          if (codeOf(error) === 'EEXIST') return 'exists';
          throw error;
        }
      }),
    replace: (object, content) => explained(`${pathOf(object)}: cannot be written`, () => write(object, content, rename)),
    remove: (object) =>
      explained(`${pathOf(object)}: cannot be removed`, async () => {
        try {
          await unlink(pathOf(object));
        } catch (error) {
          if (codeOf(error) === 'ENOENT') return;
          throw error;
        }
        await syncDirectory(dirname(pathOf(object)));
      }),
    get: (object) =>
      explained(`${pathOf(object)}: cannot be read`, async () => {
        try {
          return await readFile(pathOf(object));
        } catch (error) {
          if (codeOf(error) === 'ENOENT') return undefined;
          throw error;
        }
      }),
    list: (prefix, startAfter = '') =>
      explained(`${root}: cannot be listed`, async () => {
        const objects = await listFiles(root, prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix);
        return objects.filter((object) => compareUtf8(object, startAfter) > 0).sort(compareUtf8);
      }),
    close: () => {},
  };
}

/** Creates a file, and its directory where that is missing: most are there, and looking first would cost two calls a file. */
async function createFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await makeDirectory(dirname(path));
    return open(path, 'wx');
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** All visible files below a folder whose names from the root start with a prefix; folders where there is none are not read. */
async function listFiles(root: string, folder: string, prefix: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const visible = entries.filter(({ name }) => !name.startsWith('.') && (folder + name).startsWith(prefix));
  const files = visible.filter((entry) => !entry.isDirectory()).map(({ name }) => folder + name);
  const below = await Promise.all(
    visible.filter((entry) => entry.isDirectory()).map(({ name }) => listFiles(root, `${folder}${name}/`, prefix)),
  );
  return [...files, ...below.flat()];
}

/**
 * Makes a directory with those above it, and makes each new one durable: a file in a directory that a power cut undoes is lost with it.
 * (Node's own recursive `mkdir` never ends where a directory above exists and takes no children, as in /proc.)
 */
async function makeDirectory(path: string): Promise<void> {
  const made = await mkdir(path).then(
    () => true,
    async (error) => {
      if (codeOf(error) === 'ENOENT' && dirname(path) !== path) {
        await makeDirectory(dirname(path));
        return mkdir(path).then(() => true, ignoreExisting);
      }
      if (codeOf(error) === 'EEXIST' && !(await stat(path)).isDirectory()) throw Object.assign(error, { code: 'ENOTDIR' });
      return ignoreExisting(error);
    },
  );
  if (made) await syncDirectory(dirname(path));
}

function ignoreExisting(error: unknown): false {
  if (codeOf(error) !== 'EEXIST') throw error;
  return false;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch (error) {
    // Some file systems do not know fsync of a directory: what they promise is not ours to add to.
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    await directory.close();
  }
}

const advice: Record<string, string> = {
  ENOSPC: 'the disk is full: free some room and run again, it goes on from what is there',
  EDQUOT: 'the disk quota is used up: free some room and run again, it goes on from what is there',
  EROFS: 'the file system is read-only: choose another --output',
  EACCES: 'permission denied: let this user write there, or choose another --output',
  EPERM: 'not permitted: the output must allow writing and hard links, or choose another --output',
  ENOTSUP: 'the file system has no hard links, which keep objects whole: choose another --output',
  EOPNOTSUPP: 'the file system has no hard links, which keep objects whole: choose another --output',
  ENOENT: 'the directory cannot be made there: choose another --output',
  ENOTDIR: 'a file stands where a directory must be: move it away, or choose another --output',
  EEXIST: 'a file stands where a directory must be: move it away, or choose another --output',
  EMFILE: 'too many files are open: allow more (ulimit -n) and run again, it goes on from what is there',
  EISDIR: 'a directory stands where a file must be: move it away, or choose another --output',
};

async function explained<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const whatToDo = advice[codeOf(error) ?? ''] ?? 'run again: it goes on from what is there';
    throw new SyncError('output', `output ${what} (${describeError(error)}); ${whatToDo}`, { cause: error });
  }
}
