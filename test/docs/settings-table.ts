import { type SettingDeclaration, settingDeclarations } from '../../lambda/contract/settings.ts';
import { renderCode, renderTable } from './markdown.ts';
import { replaceBetween } from './replace-between.ts';

const markers = ['<!-- settings: written by `npm run docs` -->', '<!-- end of settings -->'] as const;

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
export const replaceSettingsTable = (readme: string): string => replaceBetween(readme, markers, renderSettingsTable());
