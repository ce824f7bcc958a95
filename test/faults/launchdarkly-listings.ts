import { readTable } from '../end-to-end/read-output.ts';
import { requireContract } from '../end-to-end/scene.ts';
import * as faults from '../launchdarkly/faults.ts';
import type { World } from '../launchdarkly/world.ts';
import { type Fault, promise } from './fault.ts';
import { createStage } from './stage.ts';

type Page = { items: { key: string }[]; totalCount?: unknown };
const lists = faults.onRoute('list');

/** Changes the pages of a listing. */
const rewrite = (change: (page: Page, nth: number) => unknown, match = lists): faults.Fault => {
  let nth = 0;
  return faults.rewriteBody(match, (body) => JSON.stringify(change(JSON.parse(body) as Page, nth++)));
};

/** Changes the world when the n-th page is asked for. */
const changeAt = (nth: number, change: () => void): faults.Fault => {
  let seen = 0;
  return faults.delay((request) => {
    if (lists(request) && seen++ === nth) change();
    return false;
  }, 0);
};

type Case = (world: World, nth: number) => faults.Fault[];
const first = (world: World): string => world.keys('storefront')[0] ?? '';
const nested = (page: Page): object => ({ ...page, items: page.items.map((item) => ({ ...item, zNew: 1 })) });

const cases: Readonly<Record<string, Case>> = {
  'a group deleted': (world, nth) => [changeAt(nth, () => world.delete('storefront', first(world)))],
  'ten groups deleted': (world, nth) => [
    changeAt(nth, () => {
      for (const key of world.keys('storefront').slice(0, 10)) world.delete('storefront', key);
    }),
  ],
  'a group added': (world, nth) => [
    changeAt(nth, () => world.set('storefront', 'late', { ...world.get('storefront', first(world)), key: 'late' })),
  ],
  'a group deleted at every page': (world) => [
    changeAt(0, () => {}),
    faults.delay((request) => {
      if (lists(request)) world.delete('storefront', first(world));
      return false;
    }, 0),
  ],
  'pages that repeat': () => {
    let kept: string | undefined;
    return [faults.rewriteBody(lists, (body) => (kept ??= body))];
  },
  'an empty page in between': (_world, nth) => [rewrite((page, at) => (at === nth ? { ...page, items: [] } : page))],
  'a total that is too large': () => [rewrite((page) => ({ ...page, totalCount: 1000 }))],
  'a total that wavers': () => [rewrite((page, at) => ({ ...page, totalCount: 100 + at }))],
  'no total': () => [rewrite(({ items }) => ({ items }))],
  'a total of null': () => [rewrite((page) => ({ ...page, totalCount: null }))],
  'a total that is a text': () => [rewrite((page) => ({ ...page, totalCount: '110' }))],
  'a negative total': () => [rewrite((page) => ({ ...page, totalCount: -1 }))],
  'items that are no list': () => [rewrite((page) => ({ ...page, items: {} }))],
  'an item without a key': (_world, nth) => [
    rewrite((page, at) => (at === nth % 3 ? { ...page, items: [...page.items.slice(1), { name: 'x' }] } : page)),
  ],
  'unknown fields': () => [rewrite(nested)],
  'a page cut off': (_world, nth) => [faults.truncateJson((request) => lists(request) && request.nth === nth % 3)],
  'a page by a proxy': (_world, nth) => [faults.answerHtml((request) => lists(request) && request.nth === nth % 3, 503)],
  'a 404 in the middle': (_world, nth) => [faults.failWith((request) => lists(request) && request.nth === nth, 404)],
};

/** A `*` whose pages shift, repeat or lie while they are read. */
export const launchDarklyListings: Fault = {
  name: 'listings that shift, repeat or lie',
  promise:
    'Either nothing is published (1), or the plan holds every group that was there all the time: no group is missing because the list was read badly.',
  trials: { usual: Object.keys(cases).length, long: 1900 },
  run: async (trial) => {
    const [name = '', make] = Object.entries(cases)[trial.number % Object.keys(cases).length] ?? [];
    const totalCount = trial.dice.chance(0.75);
    const stage = await createStage(trial, { world: { projects: { storefront: 110 }, metrics: 1, experiments: 0 }, totalCount });
    const { world } = stage.launchDarkly;
    const before = world.keys('storefront');
    stage.launchDarkly.setFaults(make?.(world, trial.dice.whole(5)) ?? []);
    const { exitCode, stdout, stderr } = await stage.sync(['--max-attempts', '2']);
    if (exitCode === 1) {
      promise(stdout === '' && stderr.includes('cannot be listed'), `${name}: the run does not say why`, stderr);
      promise(stage.objectsNow().size === 0, `${name}: something is written`, [...stage.objectsNow().keys()]);
      return 'nothing published';
    }
    promise(exitCode === 0, `${name}: exit code ${exitCode}`, stderr);
    await requireContract(stage.directory);
    const planned = new Set(readTable(stage.directory, 'sync_targets').map((row) => row['metric_group_key']));
    const after = new Set(world.keys('storefront'));
    const missing = before.filter((key) => after.has(key) && !planned.has(key));
    promise(missing.length === 0, `${name}: groups are missing`, missing);
    return 'published whole';
  },
};
