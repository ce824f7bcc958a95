/** A text from outside, made safe for a line of a terminal or a log: no control characters, and cut to a line's worth. */
export function safeText(text: string, maxLength = 300): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return clean.length > maxLength ? `${clean.slice(0, maxLength - 1).toWellFormed()}…` : clean;
}
