import { readEverything } from '../end-to-end/read-output.ts';
import { promise } from './fault.ts';

/** The token of every trial: LaunchDarkly's form, and no text that would come up by chance. */
export const secretToken = 'api-5ec2e700-f00d-4bad-8c0d-7e57ab1e70c4';

/** What the simulated maintainers are called, as far as it can stand for nothing else. */
const people = ['@acme.example', 'Ariel', 'Flores', 'Okafor', 'Jörg', 'Müller', 'Tanaka', 'Zoë', "O'Brien", 'Rossi', 'Priya'];

/** Whether a text tells of one of the simulated people. */
export const tellsOfPeople = (text: string): boolean => people.some((person) => text.includes(person));

const formsOf = (text: string): string[] => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)];

/**
 * Searches texts for the token and, where maintainers' details are not kept, for the people.
 * @returns how many characters were searched
 * @throws Broken with the surroundings of what was found
 */
export function requireNoSecrets(texts: readonly string[], isWithoutPeople: boolean): number {
  const needles = [...formsOf(secretToken), ...(isWithoutPeople ? people.flatMap(formsOf) : [])];
  for (const text of texts) {
    for (const needle of new Set(needles)) {
      const at = text.indexOf(needle);
      promise(at < 0, `${JSON.stringify(needle)} was told`, text.slice(Math.max(0, at - 200), at + needle.length + 40));
    }
  }
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** Searches every byte of a directory, unpacked and with JSON's escapes undone. */
export const requireNoSecretsIn = (directory: string, isWithoutPeople: boolean): number =>
  requireNoSecrets([readEverything(directory)], isWithoutPeople);
