import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { codeOf, startProposals, twoOfSecurity } from './testing/proposals.ts';
import { shop } from './testing/review-kit.ts';

const subject = await startProposals();
const { kit, propose, approve, merge, detail, headOf, count } = subject;
const { admin, omar, ada, ben, viewer, limited } = subject.people;

describe('pull requests', { timeout: 120_000 }, () => {
  after(() => kit.dispose());

  it('is merged once two people have approved exactly what is merged', async () => {
    const before = await headOf('main');
    const proposed = await propose(omar);
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    assert.equal(codeOf(await approve(ada, proposed)), 'ok');
    assert.match((await detail(proposed)).why, /1 more approval from @acme\/security/);
    assert.equal(codeOf(await approve(ben, proposed)), 'ok');
    const ready = await detail(proposed);
    assert.equal(ready.mergeable, true);
    assert.deepEqual(
      ready.files.map(({ path }) => path),
      [`notes/${count()}.md`],
    );
    const merged = await merge(omar, proposed);
    assert.ok(merged.ok, JSON.stringify(merged));
    assert.equal(merged.value.state, 'merged');
    const [commit] = await kit.parts().repositories.history(shop, 'main', { limit: 1 });
    assert.deepEqual(commit?.parents, [before, proposed.head]);
    assert.equal(codeOf(await merge(omar, proposed)), 'Conflict');
    assert.deepEqual(
      (await detail(proposed)).files.map(({ path }) => path),
      [`notes/${count()}.md`],
    );
  });

  it('names every file, hides what runs behind none, and answers no more text than anybody can take', async () => {
    const heap = Array.from({ length: 330 }, (_, at) => [`a/${at}.md`, `${at} ${'x'.repeat(20_000)}`]);
    const proposed = await propose(omar, { ...Object.fromEntries(heap), 'overlays/prod/z.md': 'look at me' });
    const shown = await detail(proposed);
    assert.equal(shown.files.length, 331);
    assert.equal(shown.files.find(({ path }) => path === 'overlays/prod/z.md')?.after, 'look at me');
    assert.ok(JSON.stringify(shown).length < 5_000_000);
  });

  it('takes no verdict of its opener, of who pushed to it, or of a viewer', async () => {
    const proposed = await propose(omar);
    const head = await kit.commit(ada, proposed.source, { 'more.md': 'x' });
    assert.equal(codeOf(await approve(omar, proposed, head)), 'Denied');
    assert.equal(codeOf(await approve(ada, proposed, head)), 'Denied');
    assert.equal(codeOf(await approve(viewer, proposed, head)), 'Denied');
    assert.equal(codeOf(await approve(ben, proposed)), 'Stale');
    assert.equal(codeOf(await approve(ben, proposed, head)), 'ok');
    const { may } = await detail(proposed, ada);
    assert.match(may.approveWhyNot ?? '', /pushed a commit/);
  });

  it('lets approvals fall when the content changes, and never merges a moved head', async () => {
    const proposed = await propose(omar);
    await approve(ada, proposed);
    await approve(ben, proposed);
    const head = await kit.commit(omar, proposed.source, { 'smuggled.md': 'x' });
    assert.equal(codeOf(await merge(omar, proposed)), 'Stale');
    assert.equal(codeOf(await merge(omar, proposed, head)), 'GateClosed');
    const now = await detail(proposed);
    assert.deepEqual(
      now.reviews.map(({ stale }) => stale),
      [true, true],
    );
    assert.match(now.why, /2 approvals fell/);
  });

  it('a developer of other Environments may propose and not merge', async () => {
    const proposed = await propose(limited);
    await approve(ada, proposed);
    await approve(ben, proposed);
    assert.equal(codeOf(await merge(limited, proposed)), 'Denied');
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
  });

  it('somebody who asks for changes stops it', async () => {
    const proposed = await propose(limited);
    await approve(ada, proposed);
    await approve(ben, proposed);
    await kit
      .parts()
      .pullRequests.review(omar, proposed.ref, { verdict: 'request-changes', revision: proposed.head });
    assert.equal(codeOf(await merge(admin, proposed)), 'GateClosed');
  });

  it('a change of CODEOWNERS that comes along needs its present owners', async () => {
    const proposed = await propose(omar, {
      'notes/new.md': 'x',
      CODEOWNERS: '* omar@example.net\n',
    });
    await approve(ada, proposed);
    await approve(ben, proposed);
    const refused = await merge(omar, proposed);
    assert.equal(codeOf(refused), 'GateClosed');
    assert.match(JSON.stringify(refused), /CODEOWNERS.*@acme\/org-admins/);
    await approve(admin, proposed);
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
    const back = await propose(ada, { CODEOWNERS: '* @acme/org-admins\n' });
    await approve(ben, back);
    assert.equal(codeOf(await merge(ada, back)), 'GateClosed');
    await approve(omar, back);
    assert.equal(codeOf(await merge(ada, back)), 'ok');
  });

  it('says conflicts, merges what goes together, and keeps what both sides did', async () => {
    await kit.protect(null);
    await kit.commit(omar, 'main', { 'shared.md': 'one\ntwo\nthree\nfour\nfive\n' });
    const first = await propose(omar, { 'shared.md': 'ONE\ntwo\nthree\nfour\nfive\n' });
    const second = await propose(ada, { 'shared.md': 'one\ntwo\nthree\nfour\nFIVE\n' });
    const third = await propose(ben, { 'shared.md': 'uno\ntwo\nthree\nfour\nfive\n' });
    assert.equal(codeOf(await merge(omar, first)), 'ok');
    assert.equal(codeOf(await merge(ada, second)), 'ok');
    assert.equal(codeOf(await merge(ben, third)), 'MergeConflict');
    assert.deepEqual((await detail(third)).conflicts, ['shared.md']);
    const text = await kit.parts().repositories.read(shop, await headOf('main'), 'shared.md');
    assert.equal(new TextDecoder().decode(text), 'ONE\ntwo\nthree\nfour\nFIVE\n');
  });

  it('twenty merges at once: each acknowledged one is in the history exactly once', async () => {
    const proposed = [];
    for (let at = 0; at < 20; at += 1) proposed.push(await propose(omar));
    const merges = proposed.flatMap((one) => [merge(omar, one), merge(ada, one)]);
    const pushes = [1, 2, 3].map(async (n) =>
      kit.commit(ben, 'main', { [`pushed-${n}.md`]: 'x' }).catch(() => ''),
    );
    const results = await Promise.all(merges);
    await Promise.all(pushes);
    assert.equal(results.filter((result) => result.ok).length, 20);
    const history = await kit.parts().repositories.history(shop, 'main', { limit: 100 });
    for (const { head } of proposed)
      assert.equal(history.filter(({ parents }) => parents[1] === head).length, 1);
  });

  it('an approval that races with a push never counts for what was pushed', async () => {
    await kit.protect(twoOfSecurity);
    for (let round = 0; round < 5; round += 1) {
      const proposed = await propose(omar);
      await approve(ada, proposed);
      const [approved, pushed, merged] = await Promise.all([
        approve(ben, proposed),
        kit.commit(omar, proposed.source, { 'race.md': `${round}` }),
        merge(omar, proposed),
      ]);
      const { state, head } = await detail(proposed);
      if (merged.ok) assert.equal(head, proposed.head);
      else {
        assert.equal(state, 'open');
        assert.equal(head, pushed);
        assert.equal(codeOf(await merge(omar, proposed, pushed)), 'GateClosed');
      }
      assert.ok(approved.ok || ['Stale', 'Conflict'].includes(codeOf(approved) ?? ''));
    }
  });

  it('a merge that a crash left unrecorded is found at the start', async () => {
    const proposed = await propose(omar);
    await approve(ada, proposed);
    await approve(ben, proposed);
    const { repositories } = kit.parts();
    const ours = await headOf('main');
    const { changes } = await repositories.merge({ repository: shop, ours, theirs: proposed.head });
    // As the service does it, and then nothing more.
    const revision = await kit.commit(ada, 'main', changes, {
      mergeOf: proposed.head,
      under: { kind: 'pull-request', number: proposed.number },
    });
    await kit.reopen();
    const found = await detail(proposed);
    assert.equal(found.state, 'merged');
    assert.equal(found.mergeRevision, revision);
    assert.equal(found.mergedBy?.name, 'ada');
  });

  it('who leaves the Organization approves nothing any more', async () => {
    const proposed = await propose(omar);
    await approve(ada, proposed);
    await approve(ben, proposed);
    assert.equal((await detail(proposed)).mergeable, true);
    const removed = await kit.parts().access.removeMember(admin, 'acme', ben.id);
    assert.ok(removed.ok);
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    const team = (await kit.parts().teams.list('acme')).find(({ name }) => name === 'security');
    assert.equal(
      team?.members.some(({ id }) => id === ben.id),
      false,
    );
  });

  it('another Organization’s are not found', async () => {
    const found = await kit
      .parts()
      .pullRequests.detail(omar, { organization: 'globex', application: 'shop', number: 1 });
    assert.equal(codeOf(found), 'NotFound');
  });
});
