import { type Instance, type State, type Step, tableContent } from './model.ts';

const tablesOf = ({ tables }: Instance): number[] => Array.from({ length: tables }, (_, table) => table);

/** Names the promise of the contract that a state breaks; undefined where all hold. */
export function brokenPromise(state: State, instance: Instance): string | undefined {
  const { plan, parts, seal, tables, commit } = state;
  if (plan === undefined && (Object.keys(parts).length > 0 || seal !== undefined)) return 'parts or a seal without a plan';
  for (const name of Object.keys(parts)) {
    const [slice, number] = name.split('-').map(Number) as [number, number];
    if (number > 0 && parts[`${slice}-${number - 1}`] === undefined) return 'the numbers of a slice have a gap';
    const targets = instance.lists[plan?.list ?? 0]?.[slice] ?? [];
    if (parts[name]?.part.some(({ target }) => !targets.includes(target))) return 'a part holds what is not in its slice of the plan';
  }
  if (seal === undefined) return Object.keys(tables).length > 0 || commit !== undefined ? 'tables or a commit without a seal' : undefined;
  if (seal.parts.some((name) => parts[name] === undefined)) return 'a sealed part is not there';
  const settled = new Set(seal.parts.flatMap((name) => parts[name]?.part.map(({ target }) => target) ?? []));
  if (instance.lists[plan?.list ?? 0]?.flat().some((target) => !settled.has(target))) return 'a target of a sealed snapshot has no outcome';
  if (seal.stoodWhenAsked.some((name) => !seal.parts.includes(name))) return 'a part that stood before the seal does not count';
  for (const table of tablesOf(instance)) {
    const content = tables[`table ${table}`];
    if (content !== undefined && content !== tableContent(state, plan?.list ?? -1, seal.parts, table))
      return 'a table is not what plan, sealed parts and seal make it';
    if (content === undefined && commit !== undefined) return 'a commit before all tables';
  }
  return undefined;
}

/** Names the promise that a step breaks: objects are created once and never changed, and what is kept is not asked again. */
export function brokenByStep(from: State, step: Step): string | undefined {
  const { to } = step;
  if (step.wrong !== undefined) return step.wrong;
  if (from.plan !== undefined && from.plan !== to.plan) return 'the plan was changed';
  if (from.seal !== undefined && from.seal !== to.seal) return 'the seal was changed';
  for (const name of Object.keys(from.parts)) if (from.parts[name] !== to.parts[name]) return 'a part was changed';
  for (const name of Object.keys(from.tables)) if (from.tables[name] !== to.tables[name]) return 'a table was changed';
  const before = from.processes[step.by];
  if (step.label.startsWith('ask') && before?.seal !== undefined) return 'something is asked after the seal was read';
  return undefined;
}
