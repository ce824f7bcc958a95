import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createLineKeeper } from '../../lambda/extract/held-lines.ts';

const room = 1024 * 1024;

test('lines come back in the order of their positions', () => {
  const lines = createLineKeeper().hold();
  for (const position of [7, 0, 3]) lines.add(position, `line ${position}`);
  expect(lines.byteCount).toBe(3 * 7);
  expect(gunzipSync(lines.take()).toString()).toBe('line 0\nline 3\nline 7\n');
});

test('no byte is lost where a line fills the room to its last byte, or is larger by a few', () => {
  const keeper = createLineKeeper();
  // A euro sign has three bytes for one unit: the most there is.
  for (const first of ['', 'a', 'ab', 'abc']) {
    for (const units of [-2, -1, 0, 1, 2].map((more) => Math.floor((room - first.length) / 3) + more)) {
      const lines = keeper.hold();
      const texts = [first, '€'.repeat(units), 'last'];
      texts.forEach((text, position) => {
        lines.add(position, text);
      });
      expect(gunzipSync(lines.take()).equals(Buffer.from(`${texts.join('\n')}\n`)), `${first} and ${units} units`).toBe(true);
    }
  }
});
