import { rmSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a power cut takes: contents that were not fsynced, and names whose directory was not. */
export type Power = {
  /** A name was made: of a file, a link or a directory. */
  named(path: string): void;
  /** A file was made or written. */
  written(path: string): void;
  /** Another name of the same file. */
  linked(from: string, to: string): void;
  /** A file or directory was made durable. */
  synced(path: string): void;
  /** Takes away what is not durable: all names, or every other one. */
  cut(isAll: boolean): void;
};

/** Follows what is durable below a folder. */
export function createPower(root: string): Power {
  const names = new Set<string>();
  const contents = new Map<string, { isDurable: boolean }>();
  return {
    named: (path) => void (path !== root && names.add(path)),
    written: (path) => void contents.set(path, { isDurable: false }),
    linked: (from, to) => {
      const content = contents.get(from);
      if (content !== undefined) contents.set(to, content);
    },
    synced: (path) => {
      const content = contents.get(path);
      if (content !== undefined) content.isDurable = true;
      for (const name of names) if (dirname(name) === path) names.delete(name);
    },
    cut: (isAll) => {
      for (const [path, { isDurable }] of contents) {
        try {
          if (!isDurable) truncateSync(path);
        } catch {
          // The name is gone.
        }
      }
      let count = 0;
      for (const name of names) {
        if (!isAll && count++ % 2 === 1) continue;
        try {
          rmSync(name, { recursive: true, force: true });
        } catch {
          // A call that is still under way makes something in there: what is not durable may be left as well.
        }
      }
    },
  };
}
