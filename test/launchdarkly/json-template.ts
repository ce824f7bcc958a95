/** A JSON text with gaps, serialised once and filled often. */
export interface JsonTemplate {
  fill(slots: Readonly<Record<string, string>>): string;
}

/**
 * Serialises a value once and cuts it at its slots: `@{name}` inside a string takes text that needs no escaping,
 * a string that is nothing but `@#{name}` takes a whole JSON value.
 */
export function createJsonTemplate(value: unknown): JsonTemplate {
  const cut = JSON.stringify(value)
    .replaceAll(/"@#\{(\w+)\}"/g, '@{$1}')
    .split(/@\{(\w+)\}/);
  const first = cut[0] ?? '';
  const gaps: { readonly slot: string; readonly after: string }[] = [];
  for (let i = 1; i < cut.length; i += 2) gaps.push({ slot: cut[i] ?? '', after: cut[i + 1] ?? '' });
  return {
    fill(slots) {
      let text = first;
      for (const gap of gaps) text += slots[gap.slot] + gap.after;
      return text;
    },
  };
}
