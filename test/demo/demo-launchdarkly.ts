import { failWith, firstTimes, onGroups } from '../launchdarkly/faults.ts';
import { type SimulatedLaunchDarkly, startLaunchDarkly } from '../launchdarkly/server.ts';
import { changeDemoWorld, createDemoWorld } from './demo-world.ts';

/** A simulated LaunchDarkly with a few groups, a rate limit and odd answers. */
export type DemoLaunchDarkly = {
  readonly url: string;
  readonly token: string;
  /** Moves on to the state that the second snapshot finds. */
  change(): void;
  close(): Promise<void>;
};

/** The targets of the demo: keys by name, one of which is not there, and a whole project. */
export const demoTargets = [
  { projectKey: 'storefront', metricGroupKey: 'checkout-funnel' },
  { projectKey: 'storefront', metricGroupKey: 'page-speed' },
  { projectKey: 'storefront', metricGroupKey: 'search-quality' },
  { projectKey: 'storefront', metricGroupKey: 'summer-sale' },
  { projectKey: 'growth', metricGroupKey: '*' },
] as const;

/** Requests per 10 s, and those of the first 10 s that other programs make: one wait is seen, a second would only cost time. */
const limit = 30;
const othersInFirstWindow = 23;

// Deleted, and the listing does not know yet.
const halfDeleted = failWith(onGroups('half-deleted'), 404, { code: 'not_found', message: 'Unknown resource' });
const passing = failWith(firstTimes(1, onGroups('trial-conversion')), 503);
const forbidden = failWith(onGroups('page-speed'), 403, {
  code: 'forbidden',
  message: 'Access to the requested resource was denied',
});

/** Starts it on 127.0.0.1. */
export async function startDemoLaunchDarkly(): Promise<DemoLaunchDarkly> {
  let firstWindowMs: number | undefined;
  const world = createDemoWorld();
  const server: SimulatedLaunchDarkly = await startLaunchDarkly({
    world,
    latencyMs: 30,
    budget: {
      families: { route: { limit } },
      anchored: 'first-request',
      otherClients: (_nowMs, _family, windowStartMs) => {
        firstWindowMs ??= windowStartMs;
        return windowStartMs - firstWindowMs < 5000 ? othersInFirstWindow : 0;
      },
    },
    faults: [halfDeleted, passing],
  });
  return {
    url: server.url,
    token: server.token,
    change: () => {
      changeDemoWorld(world, Date.now());
      server.setFaults([halfDeleted, forbidden]);
    },
    close: server.close,
  };
}
