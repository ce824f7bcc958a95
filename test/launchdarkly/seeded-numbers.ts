/** Mixes two integers into 32 well-spread bits: the same input always gives the same number, and no state is kept. */
export function mix(seed: number, position: number): number {
  let bits = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(position + 1, 0xc2b2ae35);
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Turns a text into a seed, so that each project of a world differs. */
export function seedOf(text: string, seed: number): number {
  let bits = seed;
  for (let i = 0; i < text.length; i++) bits = mix(bits, text.charCodeAt(i));
  return bits;
}

/** Lower-case hex digits drawn from the seed and the position, as long as asked for. */
export function hexOf(seed: number, position: number, digits: number): string {
  let text = '';
  for (let word = 0; text.length < digits; word++)
    text += mix(seed + word, position)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, digits);
}

/** A UUID of version 4 drawn from the seed and the position. */
export function uuidOf(seed: number, position: number): string {
  const hex = hexOf(seed, position, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
