/** Compares two texts by their UTF-8 bytes: the meaning of "sorted" in every object. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    // UTF-16 puts surrogates (U+10000 and above) before U+E000–U+FFFF, UTF-8 after them.
    const leftIsSurrogate = left >= 0xd800 && left <= 0xdfff;
    const rightIsSurrogate = right >= 0xd800 && right <= 0xdfff;
    if (leftIsSurrogate !== rightIsSurrogate) {
      if (leftIsSurrogate && right >= 0xe000) return 1;
      if (rightIsSurrogate && left >= 0xe000) return -1;
    }
    return left - right;
  }
  return a.length - b.length;
}
