import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

// Loaded with `--import` before the command line: writes the URLs of all modules that were resolved, a line each, when the process ends.
const resolved = new Set<string>();
registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const result = nextResolve(specifier, context);
    resolved.add(result.url);
    return result;
  },
});
process.on('exit', () => writeFileSync(process.env['MODULES_FILE'] ?? '', [...resolved].join('\n')));
