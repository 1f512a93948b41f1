import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import { toProblemDocument } from '../../api/http/problem-response.ts';
import { startReviewKit } from '../review/testing/review-kit.ts';

const kit = await startReviewKit();
const environment = 'acme-prod';
const config = { organization: 'system', name: 'catalyst-config' };

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

describe('a crash between any two durable steps of a proposal', { timeout: 240_000 }, () => {
  after(() => kit.dispose());
  let year = 2030;

  const proposals = () => kit.parts().policyProposals;

  /** Proposes once more where nothing was kept, and approves what is open. */
  async function goAllTheWay(admin: Actor, second: Actor, reason: string): Promise<void> {
    const rules = [
      {
        kind: 'freeze',
        from: `${year}-12-20T00:00:00Z`,
        to: `${year + 1}-01-02T00:00:00Z`,
        reason,
      },
    ];
    const kept = (await proposals().list(admin, environment)).find((one) => one.reason === reason);
    const made = kept ?? (await proposals().propose(admin, environment, { spec: { rules }, reason }));
    const proposed = 'ok' in made ? (made.ok ? made.value : assert.fail(JSON.stringify(made))) : made;
    if (proposed.state === 'committed') return;
    const done = await proposals().approve(second, { environment, proposal: proposed.id }, undefined);
    assert.ok(done.ok, JSON.stringify(done));
  }

  async function check(admin: Actor, reason: string): Promise<void> {
    const [one, ...more] = (await proposals().list(admin, environment)).filter(
      (proposal) => proposal.reason === reason,
    );
    assert.equal(more.length, 0);
    assert.equal(one?.state, 'committed');
    const history = await kit.parts().repositories.history(config, 'main', { limit: 500 });
    const made = history.filter(({ message }) => message.includes(`Policy-Proposal: ${one?.id}`));
    assert.deepEqual(
      made.map(({ revision }) => revision),
      [one?.revision],
    );
    const policy = await kit.parts().policies.of(environment);
    assert.deepEqual(
      policy?.rules.map((rule) => rule.kind === 'freeze' && rule.reason),
      [reason],
    );
  }

  it('loses nothing, commits once, and goes on by itself with what was approved', async () => {
    const admin = await kit.addPerson('admin', 'org-admin');
    const second = await kit.addPerson('second', 'org-admin');
    await kit.protect({ rules: [] });
    const counting = dieAt(0);
    await kit.reopen(counting.deadly);
    await goAllTheWay(admin, second, 'all');
    await check(admin, 'all');
    const moments = counting.reached();
    assert.ok(moments >= 8, String(moments));
    let resumed = 0;
    for (let moment = 1; moment <= moments; moment += 1) {
      year += 1;
      const reason = `p${moment}`;
      await kit.reopen(dieAt(moment).deadly);
      await assert.rejects(goAllTheWay(admin, second, reason), Death);
      await kit.reopen();
      const [left] = (await proposals().list(admin, environment)).filter((one) => one.reason === reason);
      // An approval that was kept is not asked for again.
      if (left && left.state !== 'open') {
        resumed += 1;
        await check(admin, reason);
      }
      await goAllTheWay(admin, second, reason);
      await check(admin, reason);
    }
    assert.ok(resumed >= 4, `${resumed} of ${moments}`);
  });

  it('what was approved and overtaken before it could be committed says so', async () => {
    const [admin, second] = await Promise.all([
      kit.addPerson('ada', 'org-admin'),
      kit.addPerson('ben', 'org-admin'),
    ]);
    const ids: string[] = [];
    for (const minApprovals of [1, 2]) {
      const spec = { rules: [{ kind: 'pr-required', approvers: ['org-admins'], minApprovals }] };
      const made = await proposals().propose(admin, environment, { spec, reason: 'x' });
      assert.ok(made.ok);
      ids.push(made.value.id);
    }
    const approve = (at: number) =>
      proposals().approve(second, { environment, proposal: ids[at] ?? '' }, undefined);
    // Dies after the approval is kept, before the commit.
    await kit.reopen(dieAt(3).deadly);
    await assert.rejects(approve(0), Death);
    // Nobody resumed it yet, and another one is committed.
    const { database } = kit.parts();
    const table = { name: 'policy_proposals', key: 'id' } as const;
    const rows = database.table<{ id: string; state?: string }>(table);
    assert.equal((await rows.get(ids[0] ?? ''))?.state, 'approved');
    await kit.reopen(undefined, false);
    assert.ok((await approve(1)).ok);
    await proposals().resume();
    const got = await proposals().get(admin, { environment, proposal: ids[0] ?? '' });
    assert.ok(got.ok);
    assert.equal(got.value.state, 'refused');
    assert.match(got.value.why, /could not be committed.*changed after this was proposed/);
    const [rule] = (await kit.parts().policies.of(environment))?.rules ?? [];
    assert.equal(rule?.kind === 'pr-required' && rule.minApprovals, 2);
  });

  it('what is approved on a full disk is said to be approved, and to be committed later', async () => {
    const [admin, second] = await Promise.all([
      kit.addPerson('cleo', 'org-admin'),
      kit.addPerson('dan', 'org-admin'),
    ]);
    const spec = { rules: [{ kind: 'pr-required', approvers: ['org-admins'], minApprovals: 1 }] };
    let full = true;
    await kit.reopen((step) => {
      if (!full || step !== 'before commit') return;
      const cause = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
      throw new CatalystError('Unavailable', 'The disk refuses.', { cause, retry: 'later' });
    });
    const made = await proposals().propose(admin, environment, { spec, reason: 'x' });
    assert.ok(made.ok, JSON.stringify(made));
    const ref = { environment, proposal: made.value.id };
    const error = await proposals()
      .approve(second, ref, undefined)
      .catch((thrown: unknown) => thrown);
    const told = toProblemDocument(error);
    assert.equal(told.status, 503);
    assert.match(told.detail, /approved.*not be committed yet.*disk.*full.*next start/);
    full = false;
    await kit.reopen();
    const got = await proposals().get(admin, ref);
    assert.ok(got.ok);
    assert.equal(got.value.state, 'committed');
  });
});
