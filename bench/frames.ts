import { setTimeout as wait } from 'node:timers/promises';
import type { Plan } from '@catalyst/model/views/plan.ts';
import type { Client } from '../e2e/kit/client.ts';
import type { Sovereign } from '../e2e/kit/sovereign.ts';
import { openFrames } from './frame-reader.ts';
import { rawCommitMs } from './git-floors.ts';
import { roundTripMs } from './nats-floors.ts';
import { environment, type Scale, webApp, withSovereign } from './sovereign.ts';
import { type Figure, inParallel, median, percentile } from './table.ts';

const commitsPerSecond = 50;
const frameWithinMs = 10_000;

interface Sample {
  /** From the request to the answer that acknowledges the commit. */
  readonly acknowledgedMs: number;
  /** From that answer to the frame; 0 where the frame was there first. */
  readonly afterMs: number;
  /** From the request to the frame. */
  readonly wholeMs: number;
}

/** From a commit that the API acknowledges to its frame on an open event stream: alone, and at 50 commits a second. */
export function measureFrames(scale: Scale): Promise<Figure[]> {
  return withSovereign(async (sovereign, client) => {
    const count = scale.full ? 300 : 40;
    scale.say(`installing ${count} Applications …`);
    await inParallel(count, 4, (index) =>
      client.change(environment, {
        action: 'install',
        application: `app${index}`,
        blueprint: 'bp-web-app',
        values: webApp(0),
      }),
    );
    await wait(3000);
    const alone = await measure(sovereign, client, count, false);
    await wait(3000);
    const load = await measure(sovereign, client, count, true);
    const floor = median(await rawCommitMs(50)) + median(await roundTripMs(500));
    return toFigures(alone, load, floor);
  });
}

function toFigures(alone: Measured, load: Measured, floor: number): Figure[] {
  const after = alone.samples.map(({ afterMs }) => afterMs);
  const p50 = median(after);
  const p99 = percentile(
    load.samples.map(({ afterMs }) => afterMs),
    0.99,
  );
  const words = { what: 'raw commit + JetStream round trip', value: floor };
  return [
    {
      what: `acknowledged commit to its frame, p50 of ${after.length}, one after the other`,
      value: p50,
      unit: 'ms',
      floor: words,
      budget: { words: 'within 2×', met: p50 <= 2 * floor },
    },
    {
      what: 'the same from the request on: commit by the API to its frame, p50',
      value: median(alone.samples.map(({ wholeMs }) => wholeMs)),
      unit: 'ms',
      floor: words,
    },
    {
      what: `acknowledged commit to its frame, p99 of ${load.samples.length}, ${load.achieved.toFixed(0)} API commits/s`,
      value: p99,
      unit: 'ms',
      budget: { words: 'under 100 ms at 50/s', met: p99 < 100 && load.achieved > 0.9 * commitsPerSecond },
    },
    {
      what: 'of these, request to acknowledgement, p50',
      value: median(load.samples.map(({ acknowledgedMs }) => acknowledgedMs)),
      unit: 'ms',
    },
  ];
}

interface Measured {
  readonly samples: readonly Sample[];
  /** Commits acknowledged per second. */
  readonly achieved: number;
}

/** Restarts Applications without instances, each by one commit: no container on the way that is measured. */
async function measure(
  sovereign: Sovereign,
  client: Client,
  count: number,
  paced: boolean,
): Promise<Measured> {
  const plans: Plan[] = [];
  for (let index = 0; index < count; index += 1)
    plans.push(await client.plan(environment, { action: 'restart', application: `app${index}` }));
  await wait(1000);
  const frames = await openFrames(sovereign, client, environment);
  try {
    const start = performance.now();
    const one = async (plan: Plan): Promise<Sample> => {
      const asked = performance.now();
      const { commits } = await client.apply(environment, plan);
      const acknowledged = performance.now();
      const arrived = await frames.arrival(commits[0]?.revision ?? '', frameWithinMs);
      return {
        acknowledgedMs: acknowledged - asked,
        afterMs: Math.max(0, arrived - acknowledged),
        wholeMs: arrived - asked,
      };
    };
    const samples: Promise<Sample>[] = [];
    for (const [index, plan] of plans.entries()) {
      if (paced) await wait(Math.max(0, start + (index * 1000) / commitsPerSecond - performance.now()));
      const sample = one(plan);
      samples.push(sample);
      if (!paced) {
        await sample;
        await wait(20);
      }
    }
    const done = await Promise.all(samples);
    return { samples: done, achieved: (1000 * count) / (performance.now() - start) };
  } finally {
    frames.close();
  }
}
