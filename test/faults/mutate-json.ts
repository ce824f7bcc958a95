import type { Dice } from './dice.ts';

/** Texts and values that code trips over. */
const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  1.5,
  2 ** 31,
  -(2 ** 31) - 1,
  1e308,
  253_402_300_800_000,
  -62_135_596_800_001,
  '',
  ' ',
  '0',
  '1e3',
  'null',
  '\u0000',
  '\ud800',
  '\udfff\ud800',
  '\u2028"\\',
  '__proto__',
  'constructor',
  [],
  {},
  [[]],
  [null],
  [{}],
  { '': 0 },
  { length: 3 },
  'x'.repeat(5000),
  ['a', 1],
  ['\ud800', 'b'],
  { key: 'k', name: 'n', kind: 'k' },
];
const oddNames = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'then',
  'a.b',
  'a b',
  '0',
  '\ud800',
  'zFuture',
  '_links',
  '_access',
  'key',
  '_id',
  'maintainer',
  'experiments',
  'ÄÖ',
  '"',
];
const oddBytes = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\u0000',
  '\n',
  '1e999',
  '-',
  'null',
  '\\u0000',
  '\\ud800',
  '\uFEFF',
  ' ',
  '/*',
  '.0',
  'E400',
  '0123456789012345678901234567890',
];

type Node = { readonly holder: Record<string, unknown>; readonly name: string };

function nodesOf(value: unknown, found: Node[] = []): Node[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const name of Object.keys(value)) {
    found.push({ holder: value as Record<string, unknown>, name });
    nodesOf((value as Record<string, unknown>)[name], found);
  }
  return found;
}

const put = (holder: Record<string, unknown>, name: string, value: unknown): void =>
  void Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });

/** Changes some values, names or members of a JSON text, and at times its characters: mostly JSON, mostly near what is valid. */
export function mutateJson(text: string, dice: Dice): string {
  const value: unknown = JSON.parse(text);
  for (let times = 1 + dice.whole(4); times > 0; times--) {
    const nodes = nodesOf(value);
    if (nodes.length === 0) break;
    const { holder, name } = dice.pick(nodes);
    const what = dice.whole(8);
    if (what < 3) put(holder, name, structuredClone(dice.pick(oddValues)));
    else if (what === 3 && !Array.isArray(holder)) delete holder[name];
    else if (what === 4 && !Array.isArray(holder)) put(holder, dice.pick(oddNames), structuredClone(dice.pick(oddValues)));
    else if (what === 5 && Array.isArray(holder)) holder.splice(Number(name), 0, structuredClone(holder[Number(name)]));
    else if (what === 6) put(holder, name, structuredClone(dice.pick(nodes).holder));
    else if (!Array.isArray(holder)) put(holder, dice.pick(oddNames), holder[name]);
  }
  let json = JSON.stringify(value);
  // Numbers as JSON allows and JavaScript does not write them.
  if (dice.chance(0.2))
    json = json.replace(
      /:(\d+)([,}])/,
      (_, digits: string, end: string) => `:${digits}${dice.pick(['.0', '.000', 'e0', 'E+0', '00000000000000000000', 'e400'])}${end}`,
    );
  if (dice.chance(0.15)) {
    const at = dice.whole(json.length);
    json = json.slice(0, at) + dice.pick(oddBytes) + json.slice(at + dice.whole(4));
  }
  return json;
}
