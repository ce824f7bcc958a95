// Loaded before any TypeScript: an older Node would only say that it does not know the file extension.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `metric-group-sync needs Node 22.18 or newer, and this is ${process.version}: install Node 24 and run npm ci again\n`,
  );
  process.exit(2);
}

// Here already, so that not even the first file needs its types stripped again.
require('node:module').enableCompileCache(require('node:path').join(__dirname, '../node_modules/.cache/metric-group-sync'));
