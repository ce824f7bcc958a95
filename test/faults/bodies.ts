import * as fc from 'fast-check';
import type { MaintainerDetails } from '../../lambda/contract/raw.ts';
import { judgeAnswer } from '../../lambda/extract/judge-answer.ts';
import { flattenMetricGroup } from '../../lambda/transform/flatten-metric-group.ts';
import { oddBodies } from '../launchdarkly/odd-bodies.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { arbitraryGroup } from '../transform/arbitrary-group.ts';
import { describeOwnMismatches } from '../transform/column-types.ts';
import { type Fault, promise } from './fault.ts';
import { describeLosses } from './kept-fields.ts';
import { mutateJson } from './mutate-json.ts';
import { requireNoSecrets, tellsOfPeople } from './secrets.ts';

const perTrial = 250;
const world = createWorld({ projects: { demo: 40 }, metrics: 3, experiments: 3 });
const everything = { experiments: true, experimentCount: true };
const seeds: readonly string[] = [
  ...world.keys('demo').map((key) => (world.body('demo', key, everything) ?? '').replaceAll(key, 'odd')),
  ...oddBodies.filter(({ body, expected }) => expected === 'succeeded' && body.length < 20_000).map(({ body }) => body),
];
/** Whether rows are sorted by some columns' UTF-8 bytes, and unique. */
const isSortedBy = (rows: readonly object[], columns: readonly string[]): boolean =>
  rows.every((row, index) => {
    const before = rows[index - 1];
    if (before === undefined) return true;
    const orders = columns.map((column) => {
      const [a, b] = [before, row].map((it) => Buffer.from(String((it as Record<string, unknown>)[column])));
      return Buffer.compare(a ?? Buffer.alloc(0), b ?? Buffer.alloc(0));
    });
    return (orders.find((order) => order !== 0) ?? 0) < 0;
  });

/** Fields of a maintainer that are kept as received, whatever is done with the details. */
const keptOfMaintainer = ['key', 'kind', '_id', 'role', 'name', 'customRoleKeys', '_links'];
const members = ['_member', 'member', '_team', 'team'];

/** What is kept of a body as received: all but the details of the maintainer, and what is not known of one. */
function withoutDetails(body: string): string {
  const reduce = (value: unknown, names: readonly string[]): unknown =>
    typeof value !== 'object' || value === null
      ? null
      : Object.fromEntries(
          Object.entries(value).flatMap(([name, member]) => {
            if (names.includes(name)) return [[name, reduce(member, [])]];
            return keptOfMaintainer.includes(name) ? [[name, member]] : [];
          }),
        );
  const answer = JSON.parse(body) as { maintainer?: unknown };
  return JSON.stringify({ ...answer, maintainer: reduce(answer.maintainer, members) });
}

/** Holds one body to the contract: judged without an error, and if it counts, flattened to rows of the contract that lose nothing. */
export function requireRows(body: string, details: MaintainerDetails): 'counts' | 'does not count' {
  const { status, body: kept, error_message: message } = judgeAnswer({ kind: 'answer', status: 200, headers: {}, body }, 'odd', details);
  promise(status === 'succeeded' || status === 'invalid', `status ${status}`, body);
  if (status === 'invalid') {
    promise(message !== null && message !== '', 'an invalid body without a message', body);
    promise(details === 'keep' ? kept === body : kept === null, 'an invalid body is not kept as it must be', body);
    return 'does not count';
  }
  promise(kept !== null && (details !== 'keep' || kept === body), 'the body that counts is not kept as received', body);
  const { group, metrics, experiments, unknownFields } = flattenMetricGroup({ project_key: 'demo', metric_group_key: 'odd' }, kept);
  const breaches = [
    ...describeOwnMismatches('metric_groups', group),
    ...metrics.flatMap((row) => describeOwnMismatches('metric_group_metrics', row)),
    ...experiments.flatMap((row) => describeOwnMismatches('metric_group_experiments', row)),
    ...describeLosses(body, { group, metrics, experiments }),
  ];
  promise(breaches.length === 0, breaches.join('\n'), body);
  promise(isSortedBy(experiments, ['environment_key', 'experiment_key']), 'experiments are not sorted and unique', body);
  promise(
    unknownFields.every((path) => path.isWellFormed()),
    'an unknown field has no name that tables can hold',
    unknownFields,
  );
  return 'counts';
}

/** Bodies that are any valid answer, or a real one with something changed. */
export const bodies: Fault = {
  name: 'bodies of any shape',
  promise:
    'No body makes the program fail; every row has the columns and types of the contract; what is unknown or of another type is in extra_json; with omit and hash no person is told.',
  trials: { usual: 24, long: 440 },
  run: async ({ dice }) => {
    const details = dice.pick(['keep', 'keep', 'hash', 'omit'] as const);
    let counting = 0;
    const arbitrary = fc.sample(arbitraryGroup, { numRuns: perTrial / 5, seed: dice.whole(2 ** 31) });
    for (let n = 0; n < perTrial; n++) {
      const valid = arbitrary[n]?.body;
      const body = valid ?? mutateJson(dice.pick(seeds), dice);
      const result = requireRows(body, details);
      promise(valid === undefined || result === 'counts', 'a valid answer does not count', body);
      if (result === 'counts') counting++;
      if (details === 'keep') continue;
      const { body: kept, error_message } = judgeAnswer({ kind: 'answer', status: 200, headers: {}, body }, 'odd', details);
      // A change may have carried people to another place than the details of a maintainer, which the setting speaks of.
      if (result === 'does not count' || !tellsOfPeople(withoutDetails(body))) requireNoSecrets([kept ?? '', error_message ?? ''], true);
    }
    return counting > perTrial / 4 ? `${perTrial} bodies, ${details}` : `${perTrial} bodies, few that count`;
  },
};
