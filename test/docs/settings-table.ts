import { type SettingDeclaration, settingDeclarations } from '../../lambda/contract/settings.ts';
import { renderCode, renderTable } from './markdown.ts';

const [begin, end] = ['<!-- settings: written by `npm run docs` -->', '<!-- end of settings -->'];

/** The settings as a Markdown table, from their declarations. */
export function renderSettingsTable(): string {
  const declarations: readonly SettingDeclaration[] = Object.values(settingDeclarations);
  return renderTable(
    ['Environment variable', 'Flag', 'Default', 'Range', 'Meaning'],
    declarations.map((setting) => [
      renderCode(setting.variable),
      renderCode(setting.flag),
      renderCode(setting.default),
      setting.range,
      setting.comment,
    ]),
  );
}

/**
 * Puts the settings table between its markers.
 * @throws Error where the markers are not there
 */
export function replaceSettingsTable(readme: string): string {
  const [before, rest] = splitAt(readme, begin);
  const [, after] = splitAt(rest, end);
  return `${before}${begin}\n\n${renderSettingsTable()}\n\n${end}${after}`;
}

function splitAt(text: string, marker: string): [string, string] {
  const index = text.indexOf(marker);
  if (index < 0) throw new Error(`README.md has no line ${marker}`);
  return [text.slice(0, index), text.slice(index + marker.length)];
}
