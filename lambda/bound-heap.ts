/**
 * Large enough that collections cost little, small enough that memory stays where the live data is: some 10 MB, however long a run lasts.
 * V8 doubles both halves of the young generation, 8 MB each at last: a bound in the middle of two steps is met at the same one in every run.
 */
const youngGenerationBytes = 12 * 1024 * 1024;
const oldGenerationGrowingPercent = 50;
const lookEveryMs = 50;

/**
 * Keeps V8 from letting the heap grow to many times what is alive. Both flags are read whenever the heap might grow, so they work this late;
 * Node offers them at its start alone, and starting it twice would take longer than everything else before the first request.
 * @returns ends the looking at the heap, which keeps no process alive
 */
export function boundHeap(): () => void {
  const timer = setInterval(look, lookEveryMs).unref();
  const stop = (): void => clearInterval(timer);
  return stop;

  function look(): void {
    // Not `import`: by the first look, the first request is on its way.
    const { getHeapSpaceStatistics, setFlagsFromString } = process.getBuiltinModule('node:v8');
    setFlagsFromString(`--heap-growing-percent=${oldGenerationGrowingPercent}`);
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    if (young !== undefined && young.space_size < youngGenerationBytes) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    stop();
  }
}
