import { setTimeout as wait } from 'node:timers/promises';
import {
  type Proposed,
  startProposals,
} from '../core/control-plane/src/services/review/testing/proposals.ts';
import { createManualClock } from '../core/control-plane/src/services/waiting/testing/manual-clock.ts';
import type { Scale } from './sovereign.ts';
import { type Figure, timed } from './table.ts';

const waiting = 10;
const hourMs = 3_600_000;
const budgetMs = 1_000;

/**
 * From the moment that a change window opens to the merge of what waits for it, with real Git and rows, beside the same merges asked for by
 * somebody one after the other.
 */
export async function measureWindows({ say }: Pick<Scale, 'say'>): Promise<Figure[]> {
  const clock = createManualClock();
  const { kit, people, propose } = await startProposals(clock);
  try {
    await kit.reopen();
    const opensAt = Math.ceil((clock.now() + hourMs / 2) / hourMs) * hourMs;
    const cron = `0 ${new Date(opensAt).getUTCHours()} * * *`;
    await kit.protect({ rules: [{ kind: 'change-window', cron, duration: '1h', timeZone: 'UTC' }] });
    const armed: Proposed[] = [];
    for (let at = 0; at < waiting; at += 1) armed.push(await propose(people.omar));
    for (const { ref, head } of armed) {
      const asked = await kit.parts().pullRequests.askAutoMerge(people.omar, ref, { expectedHead: head });
      if (!asked.ok) throw new Error(JSON.stringify(asked.problems));
    }
    const isMerged = async ({ ref }: Proposed) => {
      const row = await kit.parts().pullRequests.find(ref);
      return row.ok && row.value.state === 'merged';
    };
    clock.set(opensAt);
    const begin = performance.now();
    const merged: number[] = [];
    while (merged.length < waiting) {
      const done = (await Promise.all(armed.map(isMerged))).filter(Boolean).length;
      while (merged.length < done) merged.push(performance.now() - begin);
      await wait(5);
    }
    say(`${waiting} pull requests of one repository waited for the window`);
    const others = [];
    for (let at = 0; at < waiting; at += 1) others.push(await propose(people.omar));
    const byHand: number[] = [];
    for (const { ref, head } of others)
      byHand.push(
        await timed(() => kit.parts().pullRequests.merge(people.omar, ref, { expectedHead: head })),
      );
    const [first = Number.NaN] = merged;
    const [one = Number.NaN] = byHand;
    return [
      {
        what: 'a change window opens: the first pull request that waits is merged after',
        value: first,
        unit: 'ms',
        floor: { what: 'the same merge asked for by hand', value: one },
        budget: { words: `under ${budgetMs} ms`, met: first < budgetMs },
      },
      {
        what: `the last of ${waiting} in one repository`,
        value: merged.at(-1) ?? Number.NaN,
        unit: 'ms',
        floor: {
          what: `${waiting} merges by hand, one after the other`,
          value: byHand.reduce((a, b) => a + b, 0),
        },
        budget: { words: `under ${budgetMs} ms`, met: (merged.at(-1) ?? Number.NaN) < budgetMs },
      },
    ];
  } finally {
    await kit.dispose();
  }
}
