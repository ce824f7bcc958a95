import { type Break, freshProcess, type Instance, type Process, type State, type Step, withProcess } from './model.ts';
import { stepsOfProcess } from './process-steps.ts';

/** All steps that may come next. */
export function stepsOf(state: State, instance: Instance, broken?: Break): Step[] {
  return state.processes.flatMap((process, by) => [
    ...stepsOfProcess(state, process, by, instance, broken),
    ...deathOf(state, process, by),
  ]);
}

function deathOf(state: State, process: Process, by: number): Step[] {
  if (state.deaths === 0 || process.step === 'done') return [];
  return [{ by, label: 'dies', to: withProcess({ ...state, deaths: state.deaths - 1 }, by, freshProcess(process.list, process.life + 1)) }];
}
