import {
  type Break,
  freshProcess,
  type Instance,
  type Outcome,
  type Process,
  type State,
  type Step,
  tableContent,
  withProcess,
} from './model.ts';

/** What one process may do next. */
export function stepsOfProcess(state: State, process: Process, by: number, instance: Instance, broken: Break | undefined): Step[] {
  const me = `${by}.${process.life}`;
  const go = (label: string, changes: Partial<Process>, objects: Partial<State> = {}, wrong?: string): Step => ({
    by,
    label,
    to: withProcess({ ...state, ...objects }, by, { ...process, ...changes }),
    ...(wrong === undefined ? {} : { wrong }),
  });
  /** A create-only PUT: `created`, `exists`, or it takes effect and the answer is lost, and then the object is looked at. */
  const put = (
    object: string,
    owner: string | undefined,
    objects: Partial<State>,
    created: Partial<Process>,
    exists: Partial<Process>,
  ): Step[] => {
    if (process.unsure === object) {
      const isOwn = owner === me && broken !== 'takes an own object for a foreign one';
      return [
        go(
          `create ${object}: ${isOwn ? 'created' : 'exists'}`,
          { ...(isOwn ? created : exists), unsure: undefined },
          {},
          owner === me && !isOwn ? 'an own object counts as foreign' : undefined,
        ),
      ];
    }
    if (owner !== undefined && broken !== 'puts over what is there') return [go(`create ${object}: exists`, exists)];
    const steps = [
      go(`create ${object}: created`, created, objects, owner === undefined ? undefined : `${object} was there and is another`),
    ];
    if (state.lostAnswers > 0)
      steps.push(go(`create ${object}: no answer`, { unsure: object }, { ...objects, lostAnswers: state.lostAnswers - 1 }));
    return steps;
  };

  const slices = instance.lists[process.plan ?? 0] ?? [];
  const outcomes = process.known.flatMap((name) => state.parts[name]?.part ?? []);
  const isAnswered = (target: number): boolean => outcomes.some((outcome) => outcome.target === target && outcome.isAnswer);
  const hasOutcome = (target: number): boolean => outcomes.some((outcome) => outcome.target === target);

  switch (process.step) {
    case 'start':
      return [go(`get plan: ${state.plan === undefined ? 'none' : 'there'}`, { step: 'commit?', plan: state.plan?.list })];
    case 'commit?':
      return [state.commit === undefined ? go('get commit: none', { step: 'seal?' }) : go('get commit: there', { step: 'done' })];
    case 'seal?': {
      if (state.seal === undefined) return [go('get seal: none', { step: process.plan === undefined ? 'plan' : 'list' })];
      const isKnown = process.plan !== undefined || broken === 'looks for the plan once';
      return [go('get seal: there', { step: isKnown ? 'tables' : 'plan again?', seal: state.seal.parts })];
    }
    case 'plan again?':
      return [go('get plan: there', { step: 'tables', plan: state.plan?.list })];
    case 'plan':
      return put(
        'plan',
        state.plan?.by,
        { plan: { list: process.list, by: me } },
        { step: 'list', plan: process.list },
        {
          step: 'list',
          plan: broken === 'follows its own plan' ? process.list : state.plan?.list,
        },
      );
    case 'list':
      return [go('list parts', { step: 'ask', known: broken === 'asks for what parts hold' ? [] : Object.keys(state.parts).sort() })];
    case 'ask':
      return [...asking(), ...writing(), ...ending()];
    case 'list again':
      return [go('list parts', { step: 'seal again?', known: Object.keys(state.parts).sort() })];
    case 'seal again?': {
      if (state.seal !== undefined) return [go('get seal: there', { step: 'tables', seal: state.seal.parts })];
      const isWhole = slices.flat().every(hasOutcome) || broken === 'seals without every outcome';
      // A run that was stopped early publishes nothing; somebody runs the snapshot again.
      return [go('get seal: none', isWhole ? { step: 'seal' } : freshProcess(process.list, process.life + 1))];
    }
    case 'seal':
      return put(
        'seal',
        state.seal?.by,
        { seal: { parts: process.known, by: me, stoodWhenAsked: process.stoodWhenAsked } },
        { step: 'tables', seal: process.known },
        {
          step: 'tables',
          seal: state.seal?.parts,
        },
      );
    case 'tables':
      return tables();
    case 'commit':
      return put('commit', state.commit, { commit: me }, { step: 'done' }, { step: 'done' });
    case 'done':
      return [];
  }

  function asking(): Step[] {
    if (process.unsure !== undefined) return [];
    const wanted = slices.flat().filter((target) => !isAnswered(target) && !process.asked.includes(target));
    return wanted.flatMap((target) => {
      const isKept = Object.keys(state.parts).some((name) =>
        state.parts[name]?.part.some((outcome) => outcome.target === target && outcome.isAnswer),
      );
      // A part that another wrote since the last listing cannot be known; alone, nothing that is kept is asked.
      const isAlone = instance.processes === 1;
      const ask = (isAnswer: boolean, objects: Partial<State> = {}): Step => {
        const outcome: Outcome = { target, by: me, isAnswer };
        return go(
          `ask ${target}`,
          { held: [...process.held, outcome].sort((a, b) => a.target - b.target), asked: [...process.asked, target].sort() },
          objects,
          isKept && isAlone ? `${target} is asked again` : undefined,
        );
      };
      return state.failures > 0 ? [ask(true), ask(false, { failures: state.failures - 1 })] : [ask(true)];
    });
  }

  /** Writes what is held of a slice as its next part, whenever: the slice is done, ten seconds are over, or the run ends. */
  function writing(): Step[] {
    return slices.flatMap((targets, slice) => {
      const part = process.held.filter(({ target }) => targets.includes(target));
      if (part.length === 0) return [];
      const numbers = process.known.filter((name) => name.startsWith(`${slice}-`)).map((name) => Number(name.split('-')[1]));
      const number = broken === 'overwrites a part' ? 0 : Math.max(-1, ...numbers) + 1;
      const name = `${slice}-${number}`;
      if (process.unsure !== undefined && process.unsure !== name) return [];
      const owner = broken === 'overwrites a part' ? undefined : state.parts[name]?.by;
      const wrong = broken === 'overwrites a part' && state.parts[name] !== undefined;
      const known = [...process.known, name].sort();
      const held = process.held.filter((outcome) => !part.includes(outcome));
      const steps = put(name, owner, { parts: { ...state.parts, [name]: { part, by: me } } }, { known, held }, { known });
      return wrong ? steps.map((step) => ({ ...step, wrong: `${name} was there and is another` })) : steps;
    });
  }

  /** Once all is asked and written; or stopped before, with what was answered written. */
  function ending(): Step[] {
    if (process.held.length > 0 || process.unsure !== undefined) return [];
    const isAsked = slices.flat().every((target) => isAnswered(target) || process.asked.includes(target));
    const changes = {
      step: broken === 'seals without listing again' ? ('seal again?' as const) : ('list again' as const),
      stoodWhenAsked: Object.keys(state.parts).sort(),
    };
    if (isAsked) return [go('has asked', changes)];
    return state.deaths > 0 ? [go('is stopped', changes, { deaths: state.deaths - 1 })] : [];
  }

  function tables(): Step[] {
    const parts = broken === 'makes tables of the parts it knows' ? process.known : (process.seal ?? []);
    const missing = Array.from({ length: instance.tables }, (_, table) => table).filter((table) => !process.asked.includes(100 + table));
    if (missing.length === 0 || (broken === 'commits before the tables' && missing.length < instance.tables))
      return [go('has tables', { step: 'commit' })];
    return missing.flatMap((table) => {
      const object = `table ${table}`;
      if (process.unsure !== undefined && process.unsure !== object) return [];
      const content = tableContent(state, process.plan ?? -1, parts, table);
      const done = { asked: [...process.asked, 100 + table].sort((a, b) => a - b) };
      // Whose object it is does not matter here: it holds the same.
      const owner = state.tables[object] === undefined ? undefined : process.unsure === object ? me : 'somebody';
      return put(object, owner, { tables: { ...state.tables, [object]: content } }, done, done);
    });
  }
}
