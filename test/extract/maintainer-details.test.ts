import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { applyMaintainerDetails } from '../../lambda/extract/maintainer-details.ts';
import { flattenMetricGroup } from '../../lambda/transform/flatten-metric-group.ts';
import { changed, plainMember, withMember } from '../launchdarkly/odd-group.ts';

const apply = (body: string, mode: 'hash' | 'omit'): string => applyMaintainerDetails(body, JSON.parse(body), mode);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const withMaintainer = (maintainer: unknown): string => changed((group) => Object.assign(group, { maintainer }));
const maintainerOf = (maintainer: unknown, mode: 'hash' | 'omit'): unknown =>
  JSON.parse(apply(withMaintainer(maintainer), mode)).maintainer;

const member = plainMember();
const { email, firstName, lastName, ...rest } = member;
const hashed = { ...rest, email: sha256('ariel@acme.example'), firstName: sha256('ariel'), lastName: sha256('flores') };
const team = { customRoleKeys: ['a-role'], key: 'qa', name: 'QA Team', _links: {} };

describe('maintainer details', () => {
  it.each<[string, (details: object) => object]>([
    ['live', (details) => ({ key: 'm', kind: 'member', _member: details })],
    ['documented', (details) => ({ member: details, team })],
    ['mixed', (details) => ({ key: 'm', _member: details, member: details, _team: team })],
  ])('are hashed and omitted in the %s shape, the rest is kept', (_shape, shape) => {
    expect(maintainerOf(shape(member), 'hash')).toEqual(shape(hashed));
    expect(maintainerOf(shape(member), 'omit')).toEqual(shape(rest));
  });

  it('are hashed trimmed and in lower case, so that one person has one hash', () => {
    const one = maintainerOf({ member: { email: ' Ärïel@ACME.example\n', firstName: '', lastName: ' ' } }, 'hash');
    expect(one).toEqual({ member: { email: sha256('ärïel@acme.example'), firstName: sha256(''), lastName: sha256('') } });
  });

  it('stay null where they are null', () => {
    expect(maintainerOf({ member: { email: null, firstName: null, _id: 'm' } }, 'hash')).toEqual({
      member: { email: null, firstName: null, _id: 'm' },
    });
  });

  it.each(['a@b', [member], 5, true, null])('go with a maintainer that is no object: %j', (maintainer) => {
    for (const mode of ['hash', 'omit'] as const)
      expect(JSON.parse(apply(withMaintainer(maintainer), mode))).not.toHaveProperty('maintainer');
  });

  it('leave no field behind that is unknown or of another type, at any level', () => {
    const maintainer = {
      key: 'm',
      kind: 5,
      _member: { ...member, email: ['a@b'], role: { of: 'a@b' }, phone: '+1', z: null },
      _team: { ...team, name: 5, customRoleKeys: ['a', 1], owner: 'a@b' },
      member: 'a@b',
      team: ['a@b'],
      robot: { email: 'a@b' },
      'a@b': null,
    };
    const kept = { _links: {}, _id: member['_id'] };
    expect(maintainerOf(maintainer, 'hash')).toEqual({
      key: 'm',
      _member: { ...kept, firstName: sha256('ariel'), lastName: sha256('flores') },
      _team: { key: 'qa', _links: {} },
    });
    expect(maintainerOf(maintainer, 'omit')).toEqual({ key: 'm', _member: kept, _team: { key: 'qa', _links: {} } });
  });

  it('leave links as documented, and no others', () => {
    const links = { self: { href: '/api/v2/members/m', type: 'application/json' } };
    expect(maintainerOf({ member: { _links: links }, _links: links }, 'omit')).toEqual({ member: { _links: links }, _links: links });
    for (const odd of ['a@b', { self: 'a@b' }, { self: { href: 'mailto:a@b' } }, { self: { href: '/x', title: 'a@b' } }]) {
      expect(JSON.stringify(maintainerOf({ member: { _links: odd } }, 'omit'))).not.toContain('a@b');
    }
  });

  it('leave no link behind whose type is no text', () => {
    const odd = { self: { href: '/x', type: { owner: 'a@b' } } };
    expect(JSON.stringify(maintainerOf({ member: { _links: odd } }, 'omit'))).not.toContain('a@b');
  });

  it('do not hide in a repeated key', () => {
    const body = withMember('"maintainer":{"member":{"email":"first@acme.example"}}');
    for (const mode of ['hash', 'omit'] as const) expect(apply(body, mode)).not.toMatch(/first@|ariel@|Ariel/);
    const within = changed(() => {}).replace('"email"', '"email":"first@acme.example","email"');
    for (const mode of ['hash', 'omit'] as const) expect(apply(within, mode)).not.toMatch(/first@|ariel@/);
  });

  it('do not hide in escapes of the key', () => {
    const body = changed(() => {})
      .replace('"maintainer"', '"m\\u0061intainer"')
      .replace('"email"', '"em\\u0061il"');
    for (const mode of ['hash', 'omit'] as const) expect(apply(body, mode)).not.toMatch(/ariel@|Ariel/);
  });

  it('leave everything else as received, digits and odd names included', () => {
    const body = withMember('"z":[1.0,1E2,-0,9007199254740993,1e400],"__proto__":{"a":1.50},"toJSON":1');
    const { maintainer: _maintainer, ...others } = JSON.parse(body);
    for (const mode of ['hash', 'omit'] as const) {
      const text = apply(body, mode);
      expect(text).toContain('"z":[1.0,1E2,-0,9007199254740993,1e400],"__proto__":{"a":1.50},"toJSON":1');
      const { maintainer: _changed, ...kept } = JSON.parse(text);
      expect(kept).toEqual(others);
    }
  });

  it('leave a maintainer in an unknown field of the group alone', () => {
    const body = withMember('"zOther":{"maintainer":{"member":{"email":"z@acme.example"}}}');
    expect(apply(body, 'omit')).toContain('"zOther":{"maintainer":{"member":{"email":"z@acme.example"}}}');
  });

  it('give tables the hash or null, and nothing unknown', () => {
    const body = withMaintainer({ key: 'm', kind: 'member', _member: { ...member, phone: 1 }, zOdd: 1 });
    const read = (mode: 'hash' | 'omit') => flattenMetricGroup({ project_key: 'demo', metric_group_key: 'odd' }, apply(body, mode));
    const common = { maintainer_kind: 'member', maintainer_key: 'm', maintainer_role: 'admin', extra_json: null };
    expect(read('hash')).toMatchObject({
      group: { ...common, maintainer_email: sha256('ariel@acme.example'), maintainer_first_name: sha256('ariel') },
      unknownFields: [],
    });
    expect(read('omit')).toMatchObject({
      group: { ...common, maintainer_email: null, maintainer_first_name: null, maintainer_last_name: null },
      unknownFields: [],
    });
    expect([email, firstName, lastName]).toEqual(['ariel@acme.example', 'Ariel', 'Flores']);
  });
});
