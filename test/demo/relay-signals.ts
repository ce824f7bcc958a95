import { constants } from 'node:os';
import { DemoStopped } from './run-sync.ts';

/** Keeps signals from ending the demo before it has tidied up. */
export type SignalRelay = {
  /** Hands signals on, also one that came before; returns how to stop. */
  listen(pass: (signal: NodeJS.Signals) => void): () => void;
  /** @throws DemoStopped where a signal came */
  throwIfGot(): void;
  close(): void;
};

const relayed = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Listens for the signals that end a program, until it is closed. */
export function relaySignals(): SignalRelay {
  let got: 'SIGINT' | 'SIGTERM' | undefined;
  let handOn: ((signal: NodeJS.Signals) => void) | undefined;
  const note = (signal: NodeJS.Signals): void => {
    // A terminal that closes is no reason to end the command less orderly.
    got = signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
    handOn?.(got);
  };
  for (const signal of relayed) process.on(signal, note);
  return {
    listen: (pass) => {
      handOn = pass;
      if (got !== undefined) pass(got);
      return () => {
        handOn = undefined;
      };
    },
    throwIfGot: () => {
      if (got !== undefined) throw new DemoStopped(`by ${got}`, 128 + constants.signals[got]);
    },
    close: () => {
      for (const signal of relayed) process.off(signal, note);
    },
  };
}
