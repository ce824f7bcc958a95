import { describe, expect, it } from 'vitest';
import { flattenMetricGroup } from '../../lambda/transform/flatten-metric-group.ts';
import { changed, plainMember } from '../launchdarkly/odd-group.ts';

const target = { project_key: 'demo', metric_group_key: 'odd' };
const member = plainMember();
const team = { customRoleKeys: ['a-role'], key: 'qa', name: 'QA Team', _links: {} };

/** The maintainer's columns without their prefix, and what is reported as unknown. */
function read(maintainer: unknown): { columns: Record<string, unknown>; unknownFields: readonly string[]; extraJson: string | null } {
  const { group, unknownFields } = flattenMetricGroup(
    target,
    changed((group) => Object.assign(group, { maintainer })),
  );
  const columns = Object.entries(group).flatMap(([name, value]) =>
    name.startsWith('maintainer_') ? [[name.slice('maintainer_'.length), value]] : [],
  );
  return { columns: Object.fromEntries(columns), unknownFields, extraJson: group.extra_json };
}

const nobody = {
  kind: null,
  key: null,
  email: null,
  first_name: null,
  last_name: null,
  role: null,
  team_key: null,
  team_name: null,
};
const ariel = { email: 'ariel@acme.example', first_name: 'Ariel', last_name: 'Flores', role: 'admin' };
const arielAsMember = { ...nobody, kind: 'member', key: member['_id'], ...ariel };
const qaAsTeam = { ...nobody, kind: 'team', key: 'qa', team_key: 'qa', team_name: 'QA Team' };

describe('the maintainer', () => {
  it.each<[string, unknown, object]>([
    ['a member in the live shape', { key: member['_id'], kind: 'member', _member: member }, arielAsMember],
    ['a member in the documented shape', { member }, arielAsMember],
    ['a team in the live shape', { key: 'qa', kind: 'team', _team: team }, qaAsTeam],
    ['a team in the documented shape', { team }, qaAsTeam],
    ['a live member without details', { key: 'm', kind: 'member' }, { ...nobody, kind: 'member', key: 'm' }],
    ['a live team without details', { key: 'qa', kind: 'team' }, { ...qaAsTeam, team_name: null }],
    [
      'both in the documented shape: key and kind are the member’s',
      { member, team },
      { ...arielAsMember, team_key: 'qa', team_name: 'QA Team' },
    ],
    ['a null member beside a team', { member: null, team }, qaAsTeam],
    ['details of the documented shape under a live head', { key: member['_id'], kind: 'member', member }, arielAsMember],
    ['live details without a head', { _member: member }, arielAsMember],
    ['a live team without key and kind', { _team: team }, qaAsTeam],
    ['a newer kind, stored as it is', { key: 'robot-1', kind: 'robot' }, { ...nobody, kind: 'robot', key: 'robot-1' }],
    ['an empty object', {}, nobody],
    ['null', null, nobody],
    ['empty names', { member: { ...member, firstName: '', lastName: '' } }, { ...arielAsMember, first_name: '', last_name: '' }],
    [
      'the same fields in both shapes: the live ones go first',
      { key: member['_id'], kind: 'member', _member: { ...member, email: null }, member: { ...member, email: 'old@x', role: 'reader' } },
      { ...arielAsMember, email: 'old@x' },
    ],
  ])('can be %s', (_case, maintainer, columns) => {
    expect(read(maintainer)).toEqual({ columns, unknownFields: [], extraJson: null });
  });

  it('can be absent', () => {
    expect(read(undefined)).toEqual({ columns: nobody, unknownFields: [], extraJson: null });
  });

  it.each<[string, unknown, object, string[]]>([
    ['a string', 'ariel@acme.example', nobody, ['maintainer']],
    ['a list', [member], nobody, ['maintainer']],
    ['a number', 12, nobody, ['maintainer']],
    ['a member that is a string', { member: 'ariel' }, nobody, ['maintainer.member']],
    [
      'a live member that is a list',
      { key: 'm', kind: 'member', _member: [member] },
      { ...nobody, kind: 'member', key: 'm' },
      ['maintainer._member'],
    ],
    ['key and kind of numbers', { key: 7, kind: 8, _member: member }, arielAsMember, ['maintainer.key', 'maintainer.kind']],
    [
      'an e-mail that is a number, and a field unknown',
      { member: { ...member, email: 5, zPhone: '+1' } },
      { ...arielAsMember, email: null },
      ['maintainer.member.email', 'maintainer.member.zPhone'],
    ],
    [
      'a team with odd fields',
      { key: 'qa', kind: 'team', _team: { ...team, name: 1, customRoleKeys: ['a', 2], 'z.y': {} } },
      { ...qaAsTeam, team_name: null },
      ['maintainer._team.name', 'maintainer._team.customRoleKeys', 'maintainer._team["z.y"]'],
    ],
    ['an unknown field beside', { member, _robot: { key: 'r' } }, arielAsMember, ['maintainer._robot']],
    ['__proto__ beside', JSON.parse('{"__proto__":{"key":"evil","kind":"team"}}'), nobody, ['maintainer.__proto__']],
  ])('of the wrong type is reported and nothing else: %s', (_case, maintainer, columns, unknownFields) => {
    const got = read(maintainer);
    expect({ ...got, unknownFields: got.unknownFields.toSorted() }).toEqual({
      columns,
      unknownFields: unknownFields.toSorted(),
      extraJson: null,
    });
  });

  it('has its links and permissions left out at every level', () => {
    const links = { _links: { self: { href: '/' } }, _access: { allowed: [] } };
    expect(read({ member: { ...member, ...links }, team: { ...team, ...links }, ...links }).unknownFields).toEqual([]);
  });
});
