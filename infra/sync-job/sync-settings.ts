import { readSettings } from '../../lambda/contract/read-settings.ts';
import { type SettingName, settingDeclarations } from '../../lambda/contract/settings.ts';
import { SyncError } from '../../lambda/errors.ts';

/** Settings that the stack gives by itself, and the one that belongs in the secret. */
const notForDeployments = ['targetsUri', 'outputUri', 'secretId', 'accessToken'] as const satisfies readonly SettingName[];

/** A setting that a deployment may give. */
type DeploymentSetting = Exclude<SettingName, (typeof notForDeployments)[number]>;

/** The contract's settings by their variables (`MAX_REQUESTS_PER_SECOND`, …), where they differ from the contract's defaults. */
export type SyncSettings = { readonly [Name in (typeof settingDeclarations)[DeploymentSetting]['variable']]?: string | number };

const allowed: readonly string[] = Object.entries(settingDeclarations)
  .filter(([name]) => !notForDeployments.some((other) => other === name))
  .map(([, { variable }]) => variable);

/** The settings as the function's environment. */
export const settingVariables = (settings: SyncSettings): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).map(([variable, value]) => [variable, String(value)]));

/** Everything that is wrong with settings, each by its name; a value that does not belong here may be a token, and is not repeated. */
export function settingProblems(settings: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings)) {
    if (!allowed.includes(name)) problems.push(describeStranger(name));
    else if (typeof value === 'string' || typeof value === 'number') environment[name] = String(value);
    else problems.push(`${name} is ${JSON.stringify(value)}; it must be a number or a text`);
  }
  try {
    readSettings({ flags: {}, environment }, []);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    problems.push(...error.message.split('\n'));
  }
  return problems;
}

function describeStranger(name: string): string {
  if (name === settingDeclarations.accessToken.variable) return `${name} must not be here: store the token in the deployment's secret`;
  const given = notForDeployments.some((setting) => settingDeclarations[setting].variable === name);
  return given ? `${name} must not be here: the stack gives it` : `${name.slice(0, 60)} is no setting; there are ${allowed.join(', ')}`;
}
