import { buffer } from 'node:stream/consumers';
import type { Output } from '../lambda/output/output.ts';

/** An output in memory with a log, for tests of the protocol; what is called before and after a write may throw, as a kill at that point would. */
export type MemoryOutput = Output & {
  readonly objects: Map<string, Buffer>;
  /** Objects in the order they were created. */
  readonly created: string[];
  /** Objects in the order they were replaced or removed. */
  readonly changed: string[];
  beforeCreate: ((object: string) => void | Promise<void>) | undefined;
  afterCreate: ((object: string) => void | Promise<void>) | undefined;
  /** Called before an object is replaced or removed. */
  beforeChange: ((object: string) => void | Promise<void>) | undefined;
};

/** Makes one, with the objects of another if given. */
export function createMemoryOutput(objects = new Map<string, Buffer>()): MemoryOutput {
  const output: MemoryOutput = {
    uri: 'memory',
    objects,
    created: [],
    changed: [],
    beforeCreate: undefined,
    afterCreate: undefined,
    beforeChange: undefined,
    prepare: async () => {},
    create: async (object, content) => {
      await output.beforeCreate?.(object);
      if (objects.has(object)) return 'exists';
      objects.set(object, content instanceof Uint8Array ? Buffer.from(content) : await buffer(content));
      output.created.push(object);
      await output.afterCreate?.(object);
      return 'created';
    },
    replace: async (object, content) => {
      await output.beforeChange?.(object);
      objects.set(object, content instanceof Uint8Array ? Buffer.from(content) : await buffer(content));
      output.changed.push(object);
    },
    remove: async (object) => {
      await output.beforeChange?.(object);
      objects.delete(object);
      output.changed.push(object);
    },
    get: async (object) => objects.get(object),
    list: async (prefix, startAfter = '') =>
      [...objects.keys()].filter((object) => object.startsWith(prefix) && object > startAfter).sort(),
    close: () => {},
  };
  return output;
}
