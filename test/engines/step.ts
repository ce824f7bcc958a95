import { styleText } from 'node:util';

/** Does one step of a test of engines and prints it with the time it took, and what it showed. */
export async function step<T>(title: string, work: () => Promise<T>, describe: (result: T) => string = () => ''): Promise<T> {
  const startedAt = performance.now();
  const report = (mark: string, shown: string): void => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
    process.stdout.write(`${mark} ${seconds} s  ${title}${shown === '' ? '' : `: ${shown}`}\n`);
  };
  try {
    const result = await work();
    report(styleText('green', 'ok    '), describe(result));
    return result;
  } catch (error) {
    report(styleText('red', 'FAILED'), '');
    throw error;
  }
}
