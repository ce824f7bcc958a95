import type { Instance, State } from './model.ts';
import { initialStates } from './model.ts';
import { stepsOf } from './steps.ts';

/** What one of several runs was seen to do. */
export type Observed = { readonly by: number; readonly label: string };

/** Steps that nobody sees from outside: they change what a run knows and no object. */
const isInner = (label: string): boolean => label === 'has asked' || label === 'has tables' || label === 'is stopped';

/**
 * Follows what runs were seen to do through the model, in every way that it allows.
 * @returns the first thing that no step of the model does, with those before; undefined where all are steps of the model
 */
export function follow(instance: Instance, observed: readonly Observed[]): string | undefined {
  let states = new Map(initialStates(instance).map((state) => [JSON.stringify(state), state]));
  const seen: string[] = [];
  for (const { by, label } of observed) {
    const next = new Map<string, State>();
    for (const state of withInnerSteps(states, instance).values()) {
      for (const step of stepsOf(state, instance)) if (step.by === by && step.label === label) next.set(JSON.stringify(step.to), step.to);
    }
    seen.push(`${by}: ${label}`);
    if (next.size === 0) return seen.join('\n');
    states = next;
  }
  const isOver = [...withInnerSteps(states, instance).values()].some(({ processes }) => processes.every(({ step }) => step === 'done'));
  return isOver ? undefined : `${seen.join('\n')}\nand no run of the model is done`;
}

function withInnerSteps(states: ReadonlyMap<string, State>, instance: Instance): Map<string, State> {
  const all = new Map(states);
  for (const state of all.values()) {
    for (const step of stepsOf(state, instance)) if (isInner(step.label)) all.set(JSON.stringify(step.to), step.to);
  }
  return all;
}
