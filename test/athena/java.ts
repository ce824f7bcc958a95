import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';

/** Trino 476 does not start on anything older. */
const oldestVersion = 24;

/** Finds a Java that Trino runs on: on the PATH, where the environment says one is, or where systems put theirs; undefined where there is none. */
export function findJava(environment: NodeJS.ProcessEnv): string | undefined {
  const homes = Object.entries(environment).filter(([name, home]) => name.startsWith('JAVA_HOME') && home);
  const places = [
    'java',
    ...homes.map(([, home]) => `${home}/bin/java`),
    ...globSync(['/usr/lib/jvm/*/bin/java', '/opt/*/bin/java', '/Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java']),
  ];
  return places.find((java) => (readVersion(java) ?? 0) >= oldestVersion);
}

function readVersion(java: string): number | undefined {
  try {
    const shown = execFileSync(java, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Number(/^\S+ (\d+)/.exec(shown)?.[1]);
  } catch {
    return undefined;
  }
}
