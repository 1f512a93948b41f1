import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import { codeOf, startProposals } from './testing/proposals.ts';
import { shop } from './testing/review-kit.ts';

const subject = await startProposals();
const { kit, propose, merge, detail } = subject;
const { admin, omar, ada } = subject.people;
const freeze = { kind: 'freeze', from: '2020-01-01T00:00:00Z', to: '2999-01-01T00:00:00Z', reason: 'Rest.' };
const exceptions = ['org-admins', 'ada@example.net'];

/** What each surface says to somebody. */
async function verdictsOf(by: Actor): Promise<{ [surface: string]: boolean }> {
  const proposed = await propose(omar);
  const shown = await detail(proposed, by);
  const preview = await kit.parts().policies.ofDirectChange('acme-prod', by);
  const merged = await merge(by, proposed);
  const pushed = await kit.commit(by, 'main', { [`pushed-by-${by.name}.md`]: `${Math.random()}` }).then(
    () => true,
    (error: unknown) => {
      assert.match(String(error), /Frozen until .*Only @acme\/org-admins or ada@example.net may let it in/);
      return false;
    },
  );
  return { shown: shown.may.merge, preview: preview.allowed, merged: merged.ok, pushed };
}

describe('a freeze that excepts people', { timeout: 120_000 }, () => {
  after(() => kit.dispose());

  it('lets in what they merge or push, and nothing that others do, on every surface alike', async () => {
    await kit.protect({ rules: [{ ...freeze, exceptions }] });
    for (const [by, want] of [
      [admin, true],
      [ada, true],
      [omar, false],
    ] as const)
      assert.deepEqual(
        await verdictsOf(by),
        { shown: want, preview: want, merged: want, pushed: want },
        by.name,
      );
  });

  it('says in a preview without anybody who merges who is excepted', async () => {
    const verdict = await kit.parts().policies.ofDirectChange('acme-prod');
    assert.equal(verdict.allowed, false);
    assert.match(verdict.gates[0]?.reason ?? '', /Only @acme\/org-admins or ada@example.net/);
  });

  it('who merges decides, not who opened it; and the judge asks again who that is', async () => {
    const proposed = await propose(admin);
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    const { repositories } = kit.parts();
    const ours = (await repositories.head(shop, 'main')) ?? '';
    const { changes } = await repositories.merge({ repository: shop, ours, theirs: proposed.head });
    const more = {
      mergeOf: proposed.head,
      under: { kind: 'pull-request', number: proposed.number } as const,
    };
    await assert.rejects(kit.commit(omar, 'main', changes, more), /GateClosed/);
    await kit.commit(ada, 'main', changes, more);
  });

  it('a team that a freeze excepts cannot be removed', async () => {
    await kit.protect({ rules: [{ ...freeze, exceptions: ['security', 'org-admins'] }] });
    assert.equal(codeOf(await kit.parts().teams.remove(admin, 'acme', 'security')), 'InUse');
  });
});
