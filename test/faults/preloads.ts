import type { SceneCliOptions } from '../end-to-end/scene.ts';

const urlOf = (file: string): string => new URL(file, import.meta.url).href;

/** What is to happen at a call that changes the file system. */
export type FileCallFault = {
  readonly root: string;
  /** The number of the call, from 1; 0: only count. */
  readonly call: number;
  readonly what:
    | 'kill-before'
    | 'kill-after'
    | 'kill-within'
    | 'power-cut'
    | 'power-cut-partly'
    | 'ENOSPC'
    | 'EDQUOT'
    | 'EROFS'
    | 'EIO'
    | 'EACCES'
    | '';
  readonly isForever?: boolean;
  /** Where the number of calls is written. */
  readonly countFile?: string;
};

/** Options that let the command line meet a fault of the file system. */
export const withFileCalls = ({ root, call, what, isForever = false, countFile }: FileCallFault): SceneCliOptions => ({
  nodeArguments: ['--import', urlOf('file-calls.ts')],
  environment: {
    FAULT_ROOT: root,
    FAULT_CALL: String(call),
    FAULT_DO: what,
    FAULT_FOREVER: isForever ? 'yes' : '',
    ...(countFile === undefined ? {} : { FAULT_COUNT: countFile }),
  },
});

/** Options that let the command line live at another time, whose clock jumps by so many ms whenever so many ms have passed. */
export const withClock = (clock: {
  startsAtMs: number;
  jumps: readonly (readonly [afterMs: number, byMs: number])[];
  zone?: string;
}): SceneCliOptions => ({
  nodeArguments: ['--import', urlOf('shifted-clock.ts')],
  environment: { FAULT_CLOCK: JSON.stringify(clock), ...(clock.zone === undefined ? {} : { TZ: clock.zone }) },
});
