import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import { replacePackages } from './shipped-packages.ts';

// Writes what is shipped: a CycloneDX bill of materials, for machines, and the licences in docs/security.md, for people.
const root = fileURLToPath(new URL('../..', import.meta.url));
const omitted = ['--omit=dev', '--omit=optional'];
const text = execFileSync('npm', ['sbom', ...omitted, '--sbom-format=cyclonedx', '--sbom-type=application'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 1 << 26,
});
const bill = JSON.parse(text) as { metadata: { component: Record<string, unknown> }; components: unknown[] };
// npm takes the folder's name.
bill.metadata.component['name'] = packageJson.name;
writeFileSync(`${root}/sbom.cdx.json`, `${JSON.stringify(bill, undefined, 2)}\n`);
const page = `${root}/docs/security.md`;
writeFileSync(page, replacePackages(readFileSync(page, 'utf8')));
console.log(`Wrote sbom.cdx.json with ${bill.components.length} packages, and their licences in docs/security.md`);
