import { hash } from 'node:crypto';
import { describe, it } from 'vitest';
import * as faults from '../launchdarkly/faults.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { readEverything, readParts, readTable } from './read-output.ts';
import { createScene, inProcess, instantFromNow, target } from './scene.ts';

const person = { _id: 'm-1', role: 'admin', email: ' Zelda.Quux@Acme.Example ', firstName: 'Zelda', lastName: 'Quux' };
const pieces = /zelda|quux|acme\.example|555-0100/i;

/** Every place where a person's details come in, each in a group of its own. */
const maintainers: Readonly<Record<string, unknown>> = {
  live: { key: 'm-1', kind: 'member', _member: person },
  documented: { member: person, team: { key: 't-1', name: 'Team', customRoleKeys: [] } },
  both: { key: 'm-1', kind: 'member', _member: person, member: person },
  'unknown-below': { key: 'm-1', kind: 'member', phone: '555-0100', _member: { ...person, phone: '555-0100', zelda: 'quux' } },
  'wrong-types': { key: ['zelda'], kind: { quux: 1 }, _member: { ...person, email: ['zelda@acme.example'], firstName: { zelda: 1 } } },
  'no-object': 'zelda.quux@acme.example',
  'a-list': [person],
  'in-links': { key: 'm-1', kind: 'member', _links: 'zelda', _member: { ...person, _links: ['quux'] } },
};

/** Answers that are no success, each with the person in it. */
const refused = {
  forbidden: faults.failWith(faults.onGroups('forbidden'), 403, { code: 'zelda_quux@acme.example', message: 'Zelda Quux may not' }),
  missing: faults.failWith(faults.onGroups('missing'), 404, { code: 'not_found', message: 'deleted by zelda.quux@acme.example' }),
  broken: faults.failWith(faults.onGroups('broken'), 500, 'Zelda Quux broke it'),
  invalid: faults.failWith(faults.onGroups('invalid'), 200, { key: 'invalid', name: ['Zelda'], maintainer: { _member: person } }),
  'other-key': faults.failWith(faults.onGroups('other-key'), 200, { key: 'zelda-quux', maintainer: { _member: person } }),
  page: faults.failWith(faults.onGroups('page'), 200, '<p>zelda.quux@acme.example</p>'),
};

describe.concurrent('MAINTAINER_DETAILS', () => {
  for (const details of ['hash', 'omit'] as const) {
    it(`leaves nothing of a person in any byte with ${details}`, async ({ expect, ...context }) => {
      const world = createWorld({ projects: { storefront: 1 } });
      const good = world.get('storefront', 'checkout-funnel-000000');
      for (const [key, maintainer] of Object.entries(maintainers)) world.set('storefront', key, { ...good, key, maintainer });
      const twice = JSON.stringify({ ...good, key: 'twice', maintainer: maintainers['live'] });
      world.set(
        'storefront',
        'twice',
        twice.replace(
          '{',
          () => `{"maintainer":${JSON.stringify(maintainers['documented'])},"maint\\u0061iner":{"_member":{"email":"zelda@acme.example"}},`,
        ),
      );
      world.delete('storefront', 'checkout-funnel-000000');
      const keys = [...Object.keys(maintainers), 'twice', ...Object.keys(refused)];
      const scene = await createScene(context, {
        ...inProcess,
        world,
        targets: keys.map((key) => target(`storefront/${key}`)),
        faults: Object.values(refused),
      });
      const flags = [
        '--max-failed-percent',
        '100',
        '--max-attempts',
        '1',
        '--maintainer-details',
        details,
        '--snapshot-time',
        instantFromNow(-60_000),
      ];
      const synced = await scene.run('sync', flags);
      const again = await scene.run('sync', [...flags, '--json']);
      expect([synced.exitCode, again.exitCode], synced.stderr).toEqual([3, 3]);

      const everything = [synced.stdout, synced.stderr, again.stdout, again.stderr, readEverything(scene.output)].join('\n');
      const found = pieces.exec(everything);
      expect(found === null ? null : everything.slice(Math.max(0, found.index - 150), found.index + 50)).toBeNull();

      const digest = (text: string) => hash('sha256', text.trim().toLowerCase(), 'hex');
      const kept = details === 'hash' ? [digest(person.email), digest('zelda'), digest('quux')] : [null, null, null];
      const rows = readTable(scene.output, 'metric_groups').map((row) => [
        row['metric_group_key'],
        [row['maintainer_email'], row['maintainer_first_name'], row['maintainer_last_name']],
      ]);
      expect(Object.fromEntries(rows)).toMatchObject({ live: kept, documented: kept, both: kept, 'unknown-below': kept, twice: kept });
      expect(rows).toHaveLength(keys.length - Object.keys(refused).length);
      for (const { status, body, error_message } of readParts(scene.output)) {
        if (status === 'succeeded') expect(body).toMatch(/^\{/);
        else expect([body, error_message]).toEqual([null, expect.stringMatching(/[0-9a-f]{64}/)]);
      }
    });
  }
});
