import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import { codeOf, startProposals } from './testing/proposals.ts';

const { kit, people, merge, approve } = await startProposals();
const { omar, ada, ben } = people;

class Death extends Error {}

/** Ends the process at the n-th moment between two durable steps; tells how many there were. */
function dieAt(moment: number) {
  let moments = 0;
  return {
    reached: () => moments,
    deadly: () => {
      moments += 1;
      if (moments === moment) throw new Death(`at moment ${moment}`);
    },
  };
}

async function survive(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Death) return false;
    throw error;
  }
}

describe('a crash between any two durable steps', { timeout: 300_000 }, () => {
  after(() => kit.dispose());

  const refOf = ({ application, number }: { application: string; number: number }) => ({
    organization: 'acme',
    application,
    number,
  });

  /** Proposes a plan as a set, has it approved and merged in order; whatever was done before is found. */
  async function goAllTheWay(planId: string, by: Actor): Promise<void> {
    const { pullRequests } = kit.parts();
    const proposed = await pullRequests.propose(by, 'acme-prod', planId, {});
    assert.ok(proposed.ok, JSON.stringify(proposed));
    assert.deepEqual(
      proposed.value.map(({ application }) => application),
      [`db-${planId}`, `app-${planId}`],
    );
    for (const summary of proposed.value) {
      const { head, number } = summary;
      const ref = refOf(summary);
      const one = { ref, head, number, source: '' };
      if ((await pullRequests.find(ref)).ok) {
        const found = await pullRequests.detail(by, ref);
        assert.ok(found.ok);
        if (found.value.state === 'merged') continue;
      }
      for (const person of [ada, ben]) await approve(person, one);
      const merged = await merge(by, one);
      assert.ok(merged.ok, JSON.stringify(merged));
    }
  }

  async function check(planId: string): Promise<void> {
    const { repositories, pullRequests } = kit.parts();
    for (const name of [`db-${planId}`, `app-${planId}`]) {
      const listed = await pullRequests.list('acme', { application: name });
      assert.deepEqual(
        listed.map(({ number, state }) => [number, state]),
        [[1, 'merged']],
      );
      const repository = { organization: 'acme', name };
      const history = await repositories.history(repository, 'main');
      const head = listed[0]?.head ?? '';
      assert.equal(history.filter(({ parents }) => parents[1] === head).length, 1);
      assert.equal(history.length, 3);
    }
  }

  it('loses nothing, does nothing twice, and asking again goes on', async () => {
    const counting = dieAt(0);
    await kit.reopen(counting.deadly);
    await goAllTheWay('all', omar);
    await check('all');
    const moments = counting.reached();
    assert.ok(moments > 20, String(moments));
    let deaths = 0;
    for (let moment = 1; moment <= moments; moment += 1) {
      const planId = `p${moment}`;
      const death = dieAt(moment);
      await kit.reopen(death.deadly);
      if (await survive(() => goAllTheWay(planId, omar))) continue;
      deaths += 1;
      await kit.reopen();
      await goAllTheWay(planId, omar);
      await check(planId);
    }
    assert.ok(deaths >= moments - 2, `${deaths} of ${moments}`);
  });

  it('the order of a set is kept', async () => {
    const proposed = await kit.parts().pullRequests.propose(omar, 'acme-prod', 'order', {});
    assert.ok(proposed.ok);
    const [, second] = proposed.value;
    assert.ok(second);
    const one = { ref: refOf(second), head: second.head, number: second.number, source: '' };
    for (const person of [ada, ben]) await approve(person, one);
    const refused = await merge(omar, one);
    assert.equal(codeOf(refused), 'GateClosed');
    assert.match(JSON.stringify(refused), /Waits for acme\/db-order #1/);
  });
});
