import { exploreInWorker } from '../protocol/explore-in-worker.ts';
import { instances, largeInstances } from '../protocol/instances.ts';
import { type Fault, promise } from './fault.ts';

const [small, all] = [Object.entries(instances), Object.entries({ ...instances, ...largeInstances })];

/** The protocol as a model, every order of its steps. */
export const protocol: Fault = {
  name: 'the protocol, every order of steps',
  promise:
    'One plan and one seal that never change; the tables are a function of plan, sealed parts and seal; the commit comes last and with all tables; nothing kept is asked again; some run always finishes.',
  trials: { usual: small.length, long: all.length },
  atOnce: 2,
  run: async (trial) => {
    const [name = '', instance] = all[trial.number] ?? [];
    if (instance === undefined) throw new Error(`there is no instance ${trial.number}`);
    const { broken, states } = await exploreInWorker(instance);
    promise(broken === undefined, `${name}: ${broken?.promise}`, broken?.path.join('\n'));
    return `${name}: ${states.toLocaleString('en')} states`;
  },
};
