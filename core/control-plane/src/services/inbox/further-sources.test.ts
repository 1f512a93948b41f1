import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Notice } from '@catalyst/model/notification/kinds.ts';
import { clock } from '../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import { layla } from '../history/testing/history-kit.ts';
import { announcePolicies } from '../notification/announce-policies.ts';
import { startLaneKit } from '../promotion/testing/lane-kit.ts';
import { startProposals, twoOfSecurity } from '../review/testing/proposals.ts';
import { createBackflowSource } from './backflow-source.ts';
import { createPolicyProposalSource } from './policy-proposal-source.ts';

describe('what waits for people beside pull requests', { timeout: 120_000 }, async () => {
  const { kit, people } = await startProposals();
  after(() => kit.dispose());

  it('a change of a policy waits for who may approve it, is told, and is gone when it is decided', async () => {
    const told: (Notice & { readonly to: readonly string[] })[] = [];
    const proposals = announcePolicies(kit.parts().policyProposals, {
      notify: async (notice) => void told.push(notice),
    });
    const source = createPolicyProposalSource({ policyProposals: proposals });
    const idsFor = async (actor: typeof people.admin) =>
      (await source(actor)).items.map(({ kind, environment }) => `${kind} ${environment}`);
    const proposed = await proposals.propose(people.admin, 'acme-prod', {
      spec: { rules: [...twoOfSecurity.rules, { kind: 'checks', names: ['scan'] }] },
      reason: 'Scan it.',
    });
    assert.ok(proposed.ok, JSON.stringify(proposed));
    // The team that the present policy names may approve; who proposed it may not, nor who only views.
    assert.deepEqual(await idsFor(people.ada), ['policy-proposal acme-prod']);
    assert.deepEqual(await idsFor(people.admin), []);
    assert.deepEqual(await idsFor(people.limited), []);
    assert.ok(told[0]?.to.includes(people.ada.id) && !told[0].to.includes(people.admin.id));
    const ref = { environment: 'acme-prod', proposal: proposed.value.id };
    const approved = await proposals.approve(people.ada, ref, undefined);
    assert.ok(approved.ok, JSON.stringify(approved));
    assert.deepEqual(await idsFor(people.ada), []);
    assert.deepEqual([told[1]?.kind, told[1]?.to], ['policy-changed', [people.admin.id]]);
  });

  it('a change that nobody of the Organization may approve waits for a sovereign-admin who is no member', async () => {
    const { policyProposals, policies } = kit.parts();
    const source = createPolicyProposalSource({ policyProposals });
    const rest = (reason: string) => ({
      rules: [{ kind: 'freeze', from: '2026-12-20T00:00:00Z', to: '2027-01-02T00:00:00Z', reason }],
    });
    assert.deepEqual(kit.boss.memberships, []);
    assert.ok((await policies.put(people.admin, 'acme-dev', rest('Rest.'), 'Rest.')).ok);
    const propose = async (environment: string, reason: string) => {
      const proposed = await policyProposals.propose(people.admin, environment, {
        spec: rest(reason),
        reason,
      });
      assert.ok(proposed.ok, JSON.stringify(proposed));
      return proposed.value;
    };
    const proposed = await propose('acme-dev', 'Longer.');
    assert.match(proposed.why, /\(sovereign-admin\) must approve it/);
    const others = await propose('acme-prod', 'The team may approve this one.');
    const idsFor = async (actor: typeof kit.boss) => (await source(actor)).items.map(({ id }) => id);
    assert.deepEqual(await idsFor(kit.boss), [`policy-proposal/${proposed.id}`]);
    assert.deepEqual((await source(kit.boss)).pending, 0);
    assert.deepEqual(await idsFor({ ...kit.boss, readOnly: true }), [], 'it only reads');
    assert.deepEqual(await idsFor({ ...people.admin, id: 'u-x', memberships: [] }), []);
    // A second org-admin may approve it from now on, so it is his.
    const second = await kit.addPerson('second', 'org-admin');
    assert.deepEqual(await idsFor(kit.boss), []);
    assert.deepEqual(
      (await idsFor(second)).sort(),
      [proposed, others].map(({ id }) => `policy-proposal/${id}`).sort(),
    );
  });

  it('a hotfix waits for who may bring it to the Environment that lacks it', async () => {
    const lane = await startLaneKit([{ name: 'web', version: '1.0.0' }]);
    try {
      await lane.plan('dev', { action: 'install', application: 'shop', blueprint: 'bp-web', values: {} });
      await lane.promote('dev', 'stg');
      const source = createBackflowSource({ lanes: lane.lanes(), clock });
      assert.deepEqual((await source(layla)).items, []);
      await lane.commit('stg', { 'base/values.yaml': 'greeting: urgent\n' }, 'Greet urgently');
      const { items } = await source(layla);
      assert.deepEqual(
        items.map(({ kind, environment, application }) => [kind, environment, application]),
        [['backflow', 'acme-dev', 'shop']],
      );
      assert.match(items[0]?.why ?? '', /acme-stg has a change of base\/values\.yaml that acme-dev lacks/);
      const viewer = { ...layla, memberships: [{ organization: 'acme', role: 'org-viewer' as const }] };
      assert.deepEqual((await source(viewer)).items, []);
    } finally {
      await lane.close();
    }
  });
});
