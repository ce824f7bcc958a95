#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Stripping types and compiling is most of the start: it is done once and kept. Where the folder cannot be written, it is done each time.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/metric-group-sync'));
const { main } = await import('./cli/main.ts');
process.exitCode = await main(process.argv.slice(2), process);
