import fc from 'fast-check';

/** Any character there is: fast-check's own unit `binary` looks at all of them, for a second, before it makes the first text. */
export const anyCodePoint = fc.integer({ min: 0, max: 0x10ffff }).map((codePoint) => String.fromCodePoint(codePoint).toWellFormed());
