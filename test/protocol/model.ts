/**
 * The protocol of docs/architecture.md as a machine of small steps: processes that read and create objects, die, and begin anew.
 * Everything that a step depends on is in the state, and a step changes one object at most.
 */

/** How large the world of the model is. */
export type Instance = {
  /** The lists of targets that a run may come with, by slice: `[[0, 1]]` is one slice of two targets. */
  readonly lists: readonly (readonly (readonly number[])[])[];
  readonly processes: number;
  readonly tables: number;
  /** How many processes die and begin anew. */
  readonly deaths: number;
  /** How many PUTs take effect and lose their answer. */
  readonly lostAnswers: number;
  /** How many targets get no answer when asked. */
  readonly failures: number;
};

/** The protocol may be broken on purpose, to see that the checker sees it. */
export type Break =
  | 'seals without listing again'
  | 'puts over what is there'
  | 'takes an own object for a foreign one'
  | 'follows its own plan'
  | 'makes tables of the parts it knows'
  | 'commits before the tables'
  | 'asks for what parts hold'
  | 'seals without every outcome'
  | 'overwrites a part'
  | 'looks for the plan once';

/** An outcome of a target: by which process and which life of it, and whether it is an answer. */
export type Outcome = { readonly target: number; readonly by: string; readonly isAnswer: boolean };
/** What a part holds. */
export type Part = readonly Outcome[];

/** A run: where it is, and what it knows. */
export type Process = {
  readonly step:
    | 'start'
    | 'plan again?'
    | 'commit?'
    | 'seal?'
    | 'plan'
    | 'list'
    | 'ask'
    | 'list again'
    | 'seal again?'
    | 'seal'
    | 'tables'
    | 'commit'
    | 'done';
  readonly life: number;
  /** The list it was given. */
  readonly list: number;
  /** The list of the plan it follows. */
  readonly plan: number | undefined;
  readonly known: readonly string[];
  /** Outcomes that are not yet in a part. */
  readonly held: readonly Outcome[];
  readonly asked: readonly number[];
  readonly seal: readonly string[] | undefined;
  /** The parts that stood when it had asked all. */
  readonly stoodWhenAsked: readonly string[];
  /** A PUT whose answer was lost: it looks whose object is there. */
  readonly unsure: string | undefined;
};

/** All objects, all runs, and what may still go wrong. */
export type State = {
  readonly plan: { readonly list: number; readonly by: string } | undefined;
  readonly parts: Readonly<Record<string, { readonly part: Part; readonly by: string }>>;
  readonly seal: { readonly parts: readonly string[]; readonly by: string; readonly stoodWhenAsked: readonly string[] } | undefined;
  readonly tables: Readonly<Record<string, string>>;
  readonly commit: string | undefined;
  readonly processes: readonly Process[];
  readonly deaths: number;
  readonly lostAnswers: number;
  readonly failures: number;
};

/** One step: which process, what it did and what came of it, and the state after it. `wrong` names a promise that the step itself breaks. */
export type Step = { readonly by: number; readonly label: string; readonly to: State; readonly wrong?: string };

/** A process that begins. */
export const freshProcess = (list: number, life: number): Process => ({
  step: 'start',
  life,
  list,
  plan: undefined,
  known: [],
  held: [],
  asked: [],
  seal: undefined,
  stoodWhenAsked: [],
  unsure: undefined,
});

/** No object, and every process about to begin with each combination of lists. */
export function initialStates({ lists, processes, deaths, lostAnswers, failures }: Instance): State[] {
  const choices = Array.from({ length: lists.length ** processes }, (_, n) =>
    Array.from({ length: processes }, (_, p) => Math.floor(n / lists.length ** p) % lists.length),
  );
  return choices.map((chosen) => ({
    plan: undefined,
    parts: {},
    seal: undefined,
    tables: {},
    commit: undefined,
    processes: chosen.map((list) => freshProcess(list, 0)),
    deaths,
    lostAnswers,
    failures,
  }));
}

/** What the tables are: a function of plan, sealed parts and seal. */
export function tableContent(state: State, plan: number, parts: readonly string[], table: number): string {
  return JSON.stringify([table, plan, [...parts].sort().map((name) => [name, state.parts[name]?.part])]);
}

/** The state with one process changed. */
export const withProcess = (state: State, by: number, process: Process): State => ({
  ...state,
  processes: state.processes.map((other, index) => (index === by ? process : other)),
});
