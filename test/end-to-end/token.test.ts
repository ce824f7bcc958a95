import { describe, it } from 'vitest';
import * as faults from '../launchdarkly/faults.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { readEverything, readOutcomes, readTable } from './read-output.ts';
import { createScene, inProcess, instantFromNow, type Scene, target } from './scene.ts';

const inEscapes = (text: string): string => [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Every way in which LaunchDarkly or a proxy before it might send a token back, each for a group of its own. */
function echoes(token: string): Record<string, (match: faults.Match) => faults.Fault> {
  const rewrite = (member: string) => (match: faults.Match) => faults.rewriteBody(match, (body) => body.replace('{', () => `{${member},`));
  const fail = (status: number, body: unknown, headers?: faults.HeaderChanges) => (match: faults.Match) =>
    faults.failWith(match, status, body, headers);
  return {
    'e-200': (match) => faults.echoToken(match, 200),
    'e-403': (match) => faults.echoToken(match, 403),
    'e-404': (match) => faults.echoToken(match, 404),
    'e-418': (match) => faults.echoToken(match, 418),
    'e-500': (match) => faults.echoToken(match, 500),
    'name-escaped': rewrite(`"${inEscapes(token)}":1`),
    'value-escaped': rewrite(`"z":"seen ${inEscapes(token)}"`),
    'half-escaped': rewrite(`"z":"${inEscapes(token.slice(0, 9))}${inJson(token.slice(9))}"`),
    'deep-escaped': rewrite(`"z":[{"y":["${inEscapes(token)}"]}]`),
    'message-escaped': fail(403, `{"code":"${inEscapes(token)}","message":"token ${inEscapes(token)} lacks access"}`),
    'wrong-type': fail(200, JSON.stringify({ _id: 'x', key: 'wrong-type', name: 'n', kind: 'k', tags: token })),
    'wrong-key': fail(200, JSON.stringify({ _id: 'x', key: token })),
    'page-escaped': fail(200, `<p>${inEscapes(token)} ${token}</p>`),
    'nested-escaped': rewrite(`"z":${'['.repeat(2000)}"${inEscapes(token)}"${']'.repeat(2000)}`),
    redirect: fail(302, '', { Location: `https://login.example/?token=${encodeURIComponent(token)}` }),
    'redirect-host': fail(302, '', { Location: `https://${encodeURIComponent(token)}.login.example/` }),
    // A URL's host is decoded and put into small letters where it is parsed.
    'redirect-encoded': fail(302, '', {
      Location: `https://%${token.charCodeAt(0).toString(16)}${encodeURIComponent(token.slice(1).toUpperCase())}.example/`,
    }),
    'redirect-user': fail(307, '', { Location: `https://${encodeURIComponent(token)}@login.example/` }),
    headers: (match) =>
      faults.changeHeaders(match, { 'Retry-After': token, 'X-Ratelimit-Reset': token, ETag: token, 'Content-Encoding': token }),
    status: fail(599, token),
  };
}

async function createEchoScene(context: Parameters<typeof createScene>[0], token: string): Promise<Scene> {
  const world = createWorld({ projects: { storefront: 1 } });
  const good = world.body('storefront', 'checkout-funnel-000000', { experiments: true, experimentCount: true }) ?? '';
  const ways = echoes(token);
  for (const key of Object.keys(ways)) world.set('storefront', key, good.replace('checkout-funnel-000000', key));
  return createScene(context, {
    ...inProcess,
    world,
    token,
    targets: Object.keys(ways).map((key) => target(`storefront/${key}`)),
    faults: Object.entries(ways).map(([key, create]) => create(faults.onGroups(key))),
  });
}

describe.concurrent('the token', () => {
  const plain = 'api-00000000-0000-4000-8000-00000000beef';
  for (const [name, token] of [
    ['plain', plain],
    ['with characters that JSON escapes', 'api-"quote\\back/slash<&>\'beef'],
  ] as const) {
    it(`is in no byte of the output and in no word of the command, however it is sent back: ${name}`, async ({ expect, ...context }) => {
      const scene = await createEchoScene(context, token);
      const flags = ['--max-failed-percent', '100', '--max-attempts', '1', '--snapshot-time', instantFromNow(-60_000)];
      const synced = await scene.run('sync', flags);
      const again = await scene.run('sync', [...flags, '--json']);
      const checked = await scene.run('check', ['--json', '--max-attempts', '1']);
      expect([synced.exitCode, again.exitCode, checked.exitCode], synced.stderr).toEqual([3, 3, 1]);
      const outcomes = readOutcomes(scene.output);
      expect(outcomes).toMatchObject({ 'storefront/e-200': { status: 'succeeded' }, 'storefront/e-403': { status: 'forbidden' } });
      expect(readTable(scene.output, 'metric_groups').find(({ metric_group_key }) => metric_group_key === 'e-200')).toMatchObject({
        description: 'seen with [access token]',
      });

      const forms = [token, inJson(token), inJson(inJson(token)), encodeURIComponent(token), inEscapes(token)];
      const said = [synced, again, checked].flatMap(({ stdout, stderr }) => [stdout, stderr]).join('\n');
      const everything = `${said}\n${readEverything(scene.output)}`.toLowerCase();
      const leaks = [...new Set(forms)].flatMap((form) => {
        const at = everything.indexOf(form.toLowerCase());
        return at < 0 ? [] : [everything.slice(Math.max(0, at - 120), at + form.length + 20)];
      });
      expect(leaks).toEqual([]);
    });
  }

  it('is in no word of a listing that failed or that shows it in a key', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, token: plain });
    const listing = faults.onRoute('list');
    const discover = ['discover', '--project', 'storefront'] as const;
    for (const [fault, [command, ...args], exitCode] of [
      [faults.failWith(listing, 400, `{"message":"${inEscapes(plain)}"}`), discover, 1],
      [faults.failWith(listing, 302, '', { Location: `https://${plain}.example/` }), ['check'], 1],
      [faults.echoToken(listing, 403), ['sync'], 1],
      [faults.failWith(listing, 200, JSON.stringify({ items: [{ key: plain }], totalCount: 1 })), discover, 0],
    ] as const) {
      scene.launchDarkly.setFaults([fault]);
      const result = await scene.run(command, args);
      expect(result.exitCode).toBe(exitCode);
      expect([result.stdout, result.stderr].filter((text) => text.includes(plain))).toEqual([]);
    }
    // A key that shows the token is none that can be asked for.
    expect(await scene.run('sync', ['--max-failed-percent', '100'])).toMatchObject({ exitCode: 1 });
    expect(readEverything(scene.output)).not.toContain(plain);
  });

  it('is sent as it is, once, with the beta version, to the base URL alone', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, token: plain });
    expect(await scene.run('sync')).toMatchObject({ exitCode: 0 });
    for (const { headers } of scene.launchDarkly.requests) {
      expect(headers).toMatchObject({
        authorization: plain,
        'ld-api-version': 'beta',
        'user-agent': expect.stringMatching(/^metric-group-sync\/\d/),
        host: new URL(scene.launchDarkly.url).host,
      });
    }
  });
});
