import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { codeOf, startProposals, twoOfSecurity } from '../review/testing/proposals.ts';
import { shop } from '../review/testing/review-kit.ts';

const subject = await startProposals();
const { kit, propose, approve, merge, headOf } = subject;
const { admin, omar, ada, ben } = subject.people;

describe('what keeps the branch of an Environment from changing', { timeout: 120_000 }, () => {
  after(() => kit.dispose());

  it('refuses to change a protected branch directly, whoever asks, and says the way out', async () => {
    for (const person of [omar, admin])
      await assert.rejects(
        kit.commit(person, 'main', { 'a.md': 'x' }),
        /Protected.*\n.*push -o pull-request.*\n.*pull-requests/,
      );
    await kit.commit(omar, 'develop', { 'a.md': 'x' });
  });

  it('only owners change CODEOWNERS, also where nothing is protected, and it must make sense', async () => {
    await assert.rejects(
      kit.commit(omar, 'develop', { CODEOWNERS: '* omar@example.net\n' }),
      /present owners/,
    );
    await assert.rejects(kit.commit(admin, 'develop', { CODEOWNERS: '* nonsense\n' }), /no owner/);
    await assert.rejects(kit.commit(admin, 'develop', { CODEOWNERS: '* @acme/nobody\n' }), /UnknownOwner/);
    await assert.rejects(kit.commit(omar, 'develop', { CODEOWNERS: null }), /present owners/);
    await kit.commit(admin, 'develop', { CODEOWNERS: '* @acme/org-admins\n/docs/ @acme/security\n' });
  });

  it('under a pull request nothing reaches the branch but what it showed', async () => {
    const proposed = await propose(omar);
    const under = { kind: 'pull-request', number: proposed.number } as const;
    const { repositories } = kit.parts();
    const ours = await headOf('main');
    const { changes } = await repositories.merge({ repository: shop, ours, theirs: proposed.head });
    const attempt = (more: Parameters<typeof kit.commit>[3], extra = {}) =>
      kit.commit(ada, 'main', { ...changes, ...extra }, { under, ...more });
    await assert.rejects(attempt({ mergeOf: proposed.head }), /GateClosed/);
    await approve(ada, proposed);
    await approve(ben, proposed);
    await assert.rejects(attempt({}), /not the merge/);
    await assert.rejects(attempt({ mergeOf: proposed.head }, { 'extra.md': 'x' }), /not what pull request/);
    await assert.rejects(attempt({ mergeOf: proposed.head }, { CODEOWNERS: null }), /not what pull request/);
    await assert.rejects(attempt({ mergeOf: proposed.head, under: { ...under, number: 9_999 } }), /NotFound/);
    assert.equal(await headOf('main'), ours);
  });

  it('what belongs to another Environment never reaches the branch, pushed or merged', async () => {
    await kit.protect(null);
    await assert.rejects(
      kit.commit(omar, 'main', { 'overlays/dev/values.yaml': '{}\n' }),
      /ForeignOverlay.*promote it: git push -o pull-request origin \+develop:main/,
    );
    const proposed = await propose(omar, { 'overlays/dev/values.yaml': '{}\n', 'a.md': 'x' });
    const page = await subject.detail(proposed);
    assert.equal(page.mergeable, false);
    assert.match(page.why, /overlays\/dev belongs to another Environment/);
    assert.equal(codeOf(await merge(omar, proposed)), 'ForeignOverlay');
    await kit.commit(omar, 'develop', { 'overlays/dev/values.yaml': '{}\n' });
    await kit.protect(twoOfSecurity);
  });

  it('a hold keeps base/ as it is, on every way but a rollback', async () => {
    await kit.protect(null);
    const hold = 'spec:\n  holds:\n    - reason: It leaks memory.\n      by: Ada\n';
    await kit.commit(omar, 'main', { 'base/notes.md': 'one', 'overlays/prod/application.yaml': hold });
    await assert.rejects(kit.commit(omar, 'main', { 'base/notes.md': 'two' }), /Held.*by Ada.*leaks memory/);
    await assert.rejects(
      kit.commit(omar, 'main', { 'base/notes.md': 'two', 'overlays/prod/application.yaml': null }),
      /Held/,
    );
    const proposed = await propose(omar, { 'base/notes.md': 'two' });
    assert.equal(codeOf(await merge(omar, proposed)), 'Held');
    await kit.commit(omar, 'main', { 'overlays/prod/application.yaml': 'spec: {}\n' });
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
  });

  it('of what protects nothing skips the gates: rollback only to an earlier state, operations only their fields', async () => {
    const overlay = 'overlays/prod/application.yaml';
    const earlier = await headOf('main');
    await kit.commit(omar, 'main', { 'base/notes.md': 'three', [overlay]: 'spec:\n  hosts: [a.b]\n' });
    await kit.protect(twoOfSecurity);
    const operation = { under: { kind: 'operation' } as const };
    await kit.commit(omar, 'main', { [overlay]: 'spec:\n  hosts: [a.b]\n  paused: true\n' }, operation);
    await assert.rejects(
      kit.commit(omar, 'main', { [overlay]: 'spec:\n  hosts: [c.d]\n' }, operation),
      /Only restartedAt/,
    );
    await assert.rejects(kit.commit(omar, 'main', { 'x.md': '' }, operation), /nothing but/);
    const held = 'spec:\n  hosts: [a.b]\n  paused: true\n  holds: [{ reason: x }]\n';
    await kit.commit(omar, 'main', { [overlay]: held }, operation);
    await assert.rejects(
      kit.commit(omar, 'main', { [overlay]: 'spec:\n  hosts: [a.b]\n  paused: true\n' }, operation),
      /released by a change of its own/,
    );
    const rollback = { under: { kind: 'rollback', revision: earlier } as const };
    await assert.rejects(kit.commit(omar, 'main', { 'base/notes.md': 'else' }, rollback), /not that of/);
    await assert.rejects(
      kit.commit(omar, 'main', { 'base/notes.md': 'two', 'x.md': '' }, rollback),
      /nothing but base/,
    );
    const never = { under: { kind: 'rollback', revision: await headOf('develop') } as const };
    await assert.rejects(kit.commit(omar, 'main', { 'base/notes.md': null }, never), /never the state/);
    await kit.protect({ ...twoOfSecurity, rollback: 'gated' });
    await assert.rejects(kit.commit(omar, 'main', { 'base/notes.md': 'two' }, rollback), /Protected/);
    await kit.protect(twoOfSecurity);
    await kit.commit(omar, 'main', { 'base/notes.md': 'two' }, rollback);
  });

  it('a policy that can never be met is refused with the reason, and nothing changes', async () => {
    const { policies, policyProposals } = kit.parts();
    const put = (approvers: string[], minApprovals: number) => {
      const spec = { rules: [{ kind: 'pr-required', approvers, minApprovals }] };
      return policyProposals.propose(kit.boss, 'acme-prod', { spec, reason: 'x' });
    };
    // The first policy of an Environment is judged the same.
    const putFirst = (approvers: string[]) =>
      policies.put(
        kit.boss,
        'acme-dev',
        { rules: [{ kind: 'pr-required', approvers, minApprovals: 1 }] },
        'x',
      );
    assert.equal(codeOf(await put(['nobody'], 1)), 'NeverMet');
    assert.equal(codeOf(await putFirst(['nobody'])), 'NeverMet');
    assert.equal(codeOf(await put(['stranger@example.net'], 1)), 'NeverMet');
    assert.equal(codeOf(await put(['security'], 4)), 'NeverMet');
    assert.equal(codeOf(await put(['viewer@example.net'], 1)), 'NeverMet');
    const unknown = { spec: { rules: [{ kind: 'x' }] }, reason: 'x' };
    assert.equal(codeOf(await policyProposals.propose(kit.boss, 'acme-prod', unknown)), 'UnknownKind');
    assert.equal(codeOf(await policies.put(kit.boss, 'acme-dev', unknown.spec, 'x')), 'UnknownKind');
    assert.equal(await policies.of('acme-dev'), undefined);
    assert.deepEqual(await policyProposals.list(kit.boss, 'acme-prod', 'open'), []);
    const [rule] = (await policies.of('acme-prod'))?.rules ?? [];
    assert.deepEqual(rule?.kind === 'pr-required' && rule.approvers, ['@acme/security']);
    assert.equal(codeOf(await kit.parts().teams.remove(admin, 'acme', 'security')), 'InUse');
  });
});
