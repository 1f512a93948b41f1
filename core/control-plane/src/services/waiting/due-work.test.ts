import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { logger } from '../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import { createDueWork, type DueItem } from './due-work.ts';
import { createManualClock } from './testing/manual-clock.ts';

const hourMs = 3_600_000;
const item = (key: string, group = key, order = 0): DueItem => ({ key, group, order });

function start(t: TestContext, look: (item: DueItem) => Promise<number | undefined>, atOnce = 4) {
  const clock = createManualClock();
  const work = createDueWork({ clock, logger, look, atOnce });
  work.start();
  t.after(() => work.stop());
  return { clock, work };
}

async function until(condition: () => boolean): Promise<void> {
  for (let left = 2_000; !condition(); left -= 1) {
    assert.ok(left > 0, 'it never came');
    await wait(10);
  }
}

describe('due work', { timeout: 60_000 }, () => {
  it('sleeps until what is due first, and looks then, once', async (t) => {
    const looks: number[] = [];
    const { clock, work } = start(t, async () => void looks.push(1) as undefined);
    work.add(item('a'), clock.now() + hourMs / 100);
    await wait(50);
    assert.equal(looks.length, 0);
    clock.advance(hourMs / 100);
    await until(() => looks.length === 1);
    await wait(250);
    assert.equal(looks.length, 1);
    assert.equal(
      work.count(() => true),
      0,
    );
  });

  it('looks again at least every minute, and at once when the clock went back', async (t) => {
    let looks = 0;
    const { clock, work } = start(t, async () => {
      looks += 1;
      return clock.now() + 1_000 * hourMs;
    });
    work.add(item('a'));
    await until(() => looks === 1);
    await wait(30);
    clock.advance(61_000);
    await until(() => looks === 2);
    clock.set(clock.now() - 500 * hourMs);
    work.wake(() => false);
    work.add(item('other', 'a'));
    await until(() => looks >= 4);
  });

  it('looks at those of a group one after another in order, and at a few groups at once', async (t) => {
    const seen: string[] = [];
    let running = 0;
    let most = 0;
    const { clock, work } = start(
      t,
      async ({ key, group }) => {
        assert.equal(
          seen.filter((entry) => entry === `begin ${group}`).length,
          seen.filter((entry) => entry === `end ${group}`).length,
        );
        seen.push(`begin ${group}`, key);
        running += 1;
        most = Math.max(most, running);
        await wait(5);
        running -= 1;
        seen.push(`end ${group}`);
        return undefined;
      },
      3,
    );
    const at = clock.now() + 60_000;
    for (let n = 9; n >= 0; n -= 1)
      for (const group of ['a', 'b', 'c', 'd', 'e']) work.add(item(`${group}${n}`, group, n), at);
    clock.set(at);
    await until(() => work.count(() => true) === 0);
    assert.equal(most, 3);
    const ofA = seen.filter((entry) => /^a\d$/.test(entry));
    assert.deepEqual(ofA, ofA.toSorted());
    assert.equal(ofA.length, 10);
  });

  it('many wishes in a moment are one look more, and one during a look is not lost', async (t) => {
    let looks = 0;
    let release = () => {};
    const { work } = start(t, async () => {
      looks += 1;
      if (looks === 1) await new Promise<void>((resolve) => (release = resolve));
      return Number.POSITIVE_INFINITY;
    });
    work.add(item('a'));
    await until(() => looks === 1);
    for (let n = 0; n < 100; n += 1) work.wake(() => true);
    release();
    await until(() => looks === 2);
    await wait(300);
    assert.equal(looks, 2);
  });

  it('what fails is tried again, later each time, and keeps nobody else', async (t) => {
    const at: number[] = [];
    let others = 0;
    const { clock, work } = start(t, async ({ key }) => {
      if (key === 'other') {
        others += 1;
        return undefined;
      }
      at.push(clock.now());
      if (at.length < 3) throw new Error('not now');
      return undefined;
    });
    work.add(item('a'));
    await until(() => at.length === 1);
    work.add(item('other', 'other', 1));
    await until(() => others === 1);
    clock.advance(1_000);
    await wait(50);
    assert.equal(at.length, 1);
    clock.advance(1_100);
    await until(() => at.length === 2);
    clock.advance(3_000);
    await wait(50);
    assert.equal(at.length, 2);
    clock.advance(1_500);
    await until(() => at.length === 3);
  });
});
