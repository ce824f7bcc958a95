import { readFileSync } from 'node:fs';
import { renderTable } from './markdown.ts';
import { replaceBetween } from './replace-between.ts';

type LockedPackage = {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
};

/** A package that runs where the program runs. */
export type ShippedPackage = {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly hasInstallScript: boolean;
};

const lockFile = new URL('../../package-lock.json', import.meta.url);
const markers = ['<!-- packages: written by `npm run sbom` -->', '<!-- end of packages -->'] as const;

/** Every package that the lock file has for use, sorted by name; without what only develops it, and the Node that npm scripts may use. */
export function readShippedPackages(): ShippedPackage[] {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: Record<string, LockedPackage> };
  const shipped = Object.entries(packages).filter(
    ([path, locked]) => path !== '' && !locked.dev && !locked.optional && !locked.devOptional,
  );
  return shipped
    .map(([path, { version = '?', license = 'none', hasInstallScript = false }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      license,
      hasInstallScript,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Puts the packages and their licences between their markers. */
export const replacePackages = (page: string): string =>
  replaceBetween(
    page,
    markers,
    renderTable(
      ['Package', 'Version', 'Licence'],
      readShippedPackages().map(({ name, version, license }) => [name, version, license]),
    ),
  );
