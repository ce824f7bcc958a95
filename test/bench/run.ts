import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { describeError } from '../../lambda/errors.ts';
import { describeFindings, type Findings } from './figures.ts';
import { measureLambda } from './lambda.ts';
import { measureLimits } from './limits.ts';
import { measureMemory } from './memory.ts';
import { measureStartUp } from './start-up.ts';
import { measureSteps } from './steps.ts';
import { measureThroughput } from './throughput.ts';
import { measureViews } from './views.ts';

// Measures the command line as whole processes beside the same job written in the plainest way; asserts nothing.
const values = readOptions();
const scenarios: Readonly<Record<string, () => Promise<Findings>>> = {
  a: () => measureThroughput(values.quick ? 1 : 3),
  b: () => measureMemory(values.quick ? 1 : 3),
  c: measureStartUp,
  d: measureLimits,
  e: measureLambda,
  f: () => measureViews(values.quick),
  g: () => measureSteps(),
};
const chosen = values.only?.split(',') ?? Object.keys(scenarios).filter((name) => !['d', 'g'].includes(name) || !values.quick);
const unknown = chosen.filter((name) => !Object.hasOwn(scenarios, name));
if (unknown.length > 0) refuse(`unknown scenario ${unknown.join(', ')}`);

process.stdout.write(`Node ${process.versions.node}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}\n\n`);
for (const name of chosen) {
  const findings = await scenarios[name]?.();
  if (findings !== undefined) process.stdout.write(`${name}. ${describeFindings(findings)}\n`);
}

function readOptions(): { only?: string | undefined; quick: boolean } {
  try {
    return parseArgs({
      options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
    }).values;
  } catch (error) {
    return refuse(describeError(error));
  }
}

function refuse(problem: string): never {
  process.stderr.write(`${problem}
usage: npm run bench -- [--only a,c] [--quick]
  a  10,000 groups without limits: CPU, memory, size
  b  memory at 1,000 and 20,000 groups
  c  start to first request
  d  rate limits: time against the ideal (about 80 s)
  e  the deployed bundle: size, cold import, 1,000 warm invocations
  f  the views over 30, 365 and 1,000 daily snapshots of 1,000 groups (a few minutes; with --quick 30 and 365), on Trino where Java is
  g  plan, one slice and publish at 1,000, 10,000, 100,000 and 1,000,000 groups (about 20 minutes, 2 GB of disk)
--quick leaves out d and g
`);
  process.exit(2);
}
