import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { describeFindings, type Findings } from './figures.ts';
import { measureLambda } from './lambda.ts';
import { measureLimits } from './limits.ts';
import { measureMemory } from './memory.ts';
import { measureStartUp } from './start-up.ts';
import { measureThroughput } from './throughput.ts';
import { measureViews } from './views.ts';

// Measures the command line as whole processes beside the same job written in the plainest way; asserts nothing.
const { values } = parseArgs({ options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const scenarios: Readonly<Record<string, () => Promise<Findings>>> = {
  a: () => measureThroughput(values.quick ? 1 : 3),
  b: measureMemory,
  c: measureStartUp,
  d: measureLimits,
  e: measureLambda,
  f: () => measureViews(values.quick),
};
const chosen = values.only?.split(',') ?? Object.keys(scenarios).filter((name) => name !== 'd' || !values.quick);
const unknown = chosen.filter((name) => !Object.hasOwn(scenarios, name));
if (unknown.length > 0) {
  process.stderr.write(`unknown scenario ${unknown.join(', ')}\n${usage()}`);
  process.exit(2);
}

process.stdout.write(`Node ${process.versions.node}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}\n\n`);
for (const name of chosen) {
  const findings = await scenarios[name]?.();
  if (findings !== undefined) process.stdout.write(`${name}. ${describeFindings(findings)}\n`);
}

function usage(): string {
  return `usage: npm run bench -- [--only a,c] [--quick]
  a  10,000 groups without limits: CPU, memory, size
  b  memory at 1,000 and 20,000 groups
  c  start to first request
  e  the deployed bundle: size, cold import, a thousand warm invocations
  f  the views over 30, 365 and 1,000 daily snapshots of 1,000 groups (a few minutes; with --quick 30 and 365), on Trino where Java is
  d  rate limits: time against the ideal (about 80 s; left out by --quick)
`;
}
