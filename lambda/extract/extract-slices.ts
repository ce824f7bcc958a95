import { isAnswer, type PartLine, type PlannedTarget, type Status } from '../contract/raw.ts';
import { runWorkers, type WorkerCount } from '../run-workers.ts';
import type { Plan } from '../snapshot/plan.ts';
import type { TargetStatuses } from '../snapshot/target-statuses.ts';
import type { PartWriter } from './part-writer.ts';

type FedTarget = { readonly slice: number; readonly position: number; readonly target: PlannedTarget };

/**
 * Asks for every target that no part holds an answer for: first those without any outcome, then the others, for which the earlier outcome
 * suffices when time runs out. Targets are fed as workers take them, so that memory does not grow with their number.
 * @param extract Asks for one target, and tells when that has to back off; it rejects when the run must end, and then no worker goes on.
 */
export async function extractSlices(options: {
  readonly plan: Plan;
  readonly statuses: TargetStatuses;
  readonly parts: PartWriter;
  readonly workers: WorkerCount;
  readonly signal: AbortSignal;
  readonly extract: (target: PlannedTarget, onBackOff: () => void) => Promise<PartLine>;
  readonly onOutcome: (line: PartLine) => void;
}): Promise<void> {
  const { plan, statuses, parts, signal, extract, onOutcome } = options;
  const earlier = statuses.copy();
  const withoutOutcome = (status: Status | undefined): boolean => status === undefined;
  const withoutAnswer = (status: Status | undefined): boolean => status !== undefined && !isAnswer(status);

  async function* feed(isWanted: (status: Status | undefined) => boolean): AsyncGenerator<FedTarget> {
    for await (const planned of plan.slices()) {
      const { index, targets } = planned;
      // Another run may have answered meanwhile; what this run was told is final for it.
      const wanted = targets.flatMap((target, position) =>
        isWanted(earlier.get(index, position)) && isWanted(statuses.get(index, position)) ? [{ slice: index, position, target }] : [],
      );
      if (wanted.length > 0) parts.expect(planned, wanted.length);
      // Not `yield*`: within an async generator that costs two promises more for each.
      for (const fed of wanted) yield fed;
    }
  }

  for (const isWanted of [withoutOutcome, withoutAnswer]) {
    await runWorkers(feed(isWanted), options.workers, signal, async ({ slice, position, target }, addWorker) => {
      const line = await extract(target, addWorker);
      parts.add(slice, position, line);
      onOutcome(line);
    });
  }
}
