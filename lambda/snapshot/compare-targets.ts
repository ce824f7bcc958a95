import type { PlannedTarget } from '../contract/raw.ts';
import { compareUtf8 } from '../json/utf8-order.ts';

type TargetKey = Pick<PlannedTarget, 'project_key' | 'metric_group_key'>;

/** The order of targets in plans, parts and tables: negative where `a` comes first, 0 where they are the same. */
export const compareTargets = (a: TargetKey, b: TargetKey): number =>
  compareUtf8(a.project_key, b.project_key) || compareUtf8(a.metric_group_key, b.metric_group_key);
