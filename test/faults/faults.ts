import { atOnceInS3, atOnceOnDisk } from './at-once.ts';
import { bodies } from './bodies.ts';
import { clocks } from './clocks.ts';
import { connections } from './connections.ts';
import { deathAtARequest, deathAtRandom } from './death-at-random.ts';
import { deathInS3 } from './death-in-s3.ts';
import { deathInRebuild, deathInSteps } from './death-in-steps.ts';
import { deathOnDisk, powerCut } from './death-on-disk.ts';
import { diskErrors } from './disk-errors.ts';
import { diskIntruders } from './disk-intruders.ts';
import { diskVanishes } from './disk-vanishes.ts';
import type { Fault } from './fault.ts';
import { inputs } from './inputs.ts';
import { lambda } from './lambda.ts';
import { launchDarklyAnswers, launchDarklyBreaks } from './launchdarkly-answers.ts';
import { launchDarklyLimits } from './launchdarkly-limits.ts';
import { launchDarklyListings } from './launchdarkly-listings.ts';
import { protocol } from './protocol.ts';
import { s3Errors } from './s3-errors.ts';

/** All faults of the suite, in the order of its report. */
export const faults: readonly Fault[] = [
  protocol,
  deathOnDisk,
  powerCut,
  deathInS3,
  deathAtARequest,
  deathAtRandom,
  deathInSteps,
  deathInRebuild,
  atOnceOnDisk,
  atOnceInS3,
  s3Errors,
  diskErrors,
  diskIntruders,
  diskVanishes,
  launchDarklyLimits,
  launchDarklyAnswers,
  launchDarklyBreaks,
  launchDarklyListings,
  connections,
  bodies,
  inputs,
  clocks,
  lambda,
];
