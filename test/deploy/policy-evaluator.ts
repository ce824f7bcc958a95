/** One call to AWS, as IAM sees it. */
export type Call = {
  readonly action: string;
  readonly resource: string;
  /** Condition keys that come with the call, `s3:prefix`. @default none */
  readonly context?: Readonly<Record<string, string>>;
};

/** A statement of a policy whose intrinsic functions are resolved. */
export type Statement = {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
};

/**
 * A statement cut into its smallest parts, one action, one resource and one value of each condition: a statement of which every part is
 * used grants nothing too much.
 */
export type Grant = {
  readonly sid: string;
  readonly effect: 'Allow' | 'Deny';
  readonly action: string;
  readonly resource: string;
  readonly conditions: readonly Condition[];
};

type Condition = { readonly operator: string; readonly key: string; readonly value: string };

/**
 * Cuts statements into grants.
 * @throws Error for what this evaluator does not know: NotAction, NotResource, principals
 */
export function grantsOf(statements: readonly Statement[]): Grant[] {
  return statements.flatMap((statement) => {
    const { Sid = '', Effect, Action, Resource, Condition = {}, ...unknown } = statement;
    if (Object.keys(unknown).length > 0) throw new Error(`statement ${Sid}: ${Object.keys(unknown)} is not evaluated here`);
    const alternatives = combine(
      Object.entries(Condition).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, values]) => [values].flat().map((value) => ({ operator, key, value }))),
      ),
    );
    return [Action]
      .flat()
      .flatMap((action) =>
        [Resource]
          .flat()
          .flatMap((resource) => alternatives.map((conditions) => ({ sid: Sid, effect: Effect, action, resource, conditions }))),
      );
  });
}

/** One of each list, in every combination. */
const combine = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((sofar, list) => sofar.flatMap((start) => list.map((item) => [...start, item])), [[]]);

/** Whether grants allow a call: one allows it, none denies it. */
export function isAllowed(grants: readonly Grant[], call: Call): boolean {
  const applicable = grants.filter((grant) => applies(grant, call));
  return applicable.some(({ effect }) => effect === 'Allow') && applicable.every(({ effect }) => effect === 'Allow');
}

/** Whether a grant speaks of a call. Actions know no case; a condition on a key that does not come with the call is not met. */
export function applies(grant: Grant, { action, resource, context = {} }: Call): boolean {
  return (
    matches(grant.action.toLowerCase(), action.toLowerCase()) &&
    matches(grant.resource, resource) &&
    grant.conditions.every(({ operator, key, value }) => context[key] !== undefined && meets(operator, value, context[key]))
  );
}

function meets(operator: string, wanted: string, got: string): boolean {
  if (operator === 'StringEquals') return wanted === got;
  if (operator === 'StringLike') return matches(wanted, got);
  throw new Error(`the condition operator ${operator} is not evaluated here`);
}

/** Wildcards of IAM: `*` is any text, slashes included, `?` is one character. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
