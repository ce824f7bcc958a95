import { type Break, type Instance, initialStates, type State } from './model.ts';
import { brokenByStep, brokenPromise } from './promises.ts';
import { stepsOf } from './steps.ts';

/** What an exploration came to. */
export type Exploration = {
  readonly states: number;
  readonly steps: number;
  /** The first broken promise, and the steps that lead there; undefined where all hold in every state. */
  readonly broken: { readonly promise: string; readonly path: readonly string[] } | undefined;
};

type Found = { readonly state: State; readonly parent: number; readonly label: string };

/**
 * Visits every state that any order of steps, deaths and lost answers leads to, and holds the promises in each; where nothing more happens,
 * the snapshot must be published, or a fresh run must publish it.
 */
export function explore(instance: Instance, broken?: Break): Exploration {
  const found: Found[] = [];
  const known = new Set<string>();
  let steps = 0;
  const add = (state: State, parent: number, label: string): void => {
    const key = JSON.stringify(state);
    if (known.has(key)) return;
    known.add(key);
    found.push({ state, parent, label });
  };
  const pathTo = (index: number, last = ''): string[] => {
    const path = last === '' ? [] : [last];
    for (let at = index; at >= 0; at = found[at]?.parent ?? -1) path.unshift(found[at]?.label ?? '');
    return path;
  };
  for (const state of initialStates(instance)) add(state, -1, `lists ${state.processes.map(({ list }) => list).join()}`);
  for (let at = 0; at < found.length; at++) {
    const { state } = found[at] as Found;
    const promise = brokenPromise(state, instance);
    if (promise !== undefined) return { states: found.length, steps, broken: { promise, path: pathTo(at) } };
    const next = stepsOf(state, instance, broken);
    steps += next.length;
    for (const step of next) {
      const wrong = brokenByStep(state, step);
      if (wrong !== undefined)
        return { states: found.length, steps, broken: { promise: wrong, path: pathTo(at, `${step.by}: ${step.label}`) } };
      add(step.to, at, `${step.by}: ${step.label}`);
    }
    const isStuck = next.length === 0 && state.processes.some(({ step }) => step !== 'done');
    if (isStuck) return { states: found.length, steps, broken: { promise: 'a run can do nothing more', path: pathTo(at) } };
    if (next.length === 0 && state.commit === undefined)
      return { states: found.length, steps, broken: { promise: 'all runs ended and nothing is published', path: pathTo(at) } };
  }
  return { states: found.length, steps, broken: undefined };
}
