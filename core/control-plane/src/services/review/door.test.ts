import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import { startProposals } from './testing/proposals.ts';
import { shop } from './testing/review-kit.ts';

const subject = await startProposals();
const { kit, headOf } = subject;
const { admin, omar, ada } = subject.people;
const mergeable = 'Nothing more is needed: it can be merged.';

describe('what a push that opens a pull request reads on its terminal', { timeout: 120_000 }, () => {
  after(() => kit.dispose());

  let count = 0;
  /** As `git push -o pull-request origin HEAD:develop` of one commit. */
  async function push(by: Actor, changes: Record<string, string>, from: string) {
    count += 1;
    const newRevision = await kit.commit(by, `work-${count}`, changes, { from });
    const pushed = await kit.parts().pullRequests.door({
      repository: shop,
      branch: 'develop',
      oldRevision: '0'.repeat(40),
      newRevision,
      pusher: { id: by.id, name: by.name, surface: 'git' },
    });
    assert.ok(pushed.ok, JSON.stringify(pushed));
    const ref = { organization: 'acme', application: 'shop', number: pushed.value.number };
    const page = await kit.parts().pullRequests.detail(by, ref);
    const merged = await kit.parts().pullRequests.merge(by, ref, { expectedHead: newRevision });
    assert.ok(page.ok);
    return { lines: pushed.value.lines, page: page.value, merged };
  }

  it('says that it can be merged where it can', async () => {
    const { lines, page, merged } = await push(omar, { 'notes/a.md': 'one\n' }, await headOf('develop'));
    assert.equal(lines.at(-1), mergeable);
    assert.equal(page.mergeable, true);
    assert.ok(merged.ok, JSON.stringify(merged));
  });

  it('says what to do about a conflict instead, as its page does', async () => {
    const from = await headOf('develop');
    await kit.commit(omar, 'develop', { 'notes/a.md': 'theirs\n' });
    const { lines, page, merged } = await push(omar, { 'notes/a.md': 'ours\n' }, from);
    assert.ok(lines.includes('Conflicts with develop: notes/a.md'), lines.join('\n'));
    assert.ok(!lines.includes(mergeable), lines.join('\n'));
    assert.equal(lines.at(-1), page.why);
    assert.match(page.why, /^notes\/a\.md changed in develop too\. Merge develop into the branch/);
    assert.equal(merged.ok ? 'ok' : merged.problems[0]?.code, 'MergeConflict');
  });

  it('says a problem that refuses the merge instead, as its page does', async () => {
    const foreign = { 'overlays/prod/values.yaml': 'greeting: two\n' };
    const { lines, page, merged } = await push(omar, foreign, await headOf('develop'));
    assert.equal(page.mergeable, false);
    assert.ok(!lines.includes(mergeable), lines.join('\n'));
    assert.equal(lines.at(-1), page.why);
    assert.match(page.why, /^It cannot be merged as it is: /);
    assert.equal(merged.ok, false);
  });

  it('judges for who pushes: whom a freeze excepts reads that it can be merged, others do not', async () => {
    const freeze = {
      kind: 'freeze',
      from: '2020-01-01T00:00:00Z',
      to: '2999-01-01T00:00:00Z',
      reason: 'Rest.',
    };
    await kit.protect({ rules: [{ ...freeze, exceptions: ['omar@example.net'] }] }, 'acme-dev');
    const hers = await push(ada, { 'notes/hers.md': 'x\n' }, await headOf('develop'));
    assert.deepEqual([hers.page.mergeable, hers.lines.at(-1)], [false, hers.page.why]);
    const his = await push(omar, { 'notes/his.md': 'x\n' }, await headOf('develop'));
    assert.deepEqual([his.page.mergeable, his.lines.at(-1)], [true, mergeable]);
    assert.ok(his.merged.ok, JSON.stringify(his.merged));
  });

  it('judges for who pushes: to who has broken the glass it says the closed gates, and that he can merge it', async () => {
    await kit.protect({ rules: [{ kind: 'checks', names: ['scan'] }] }, 'acme-dev');
    const { access, breakGlass } = kit.parts();
    assert.ok((await access.grantBreakGlass(admin, 'acme', omar.id, true)).ok);
    const person = await kit.actorOf(omar.id);
    const broken = await breakGlass.open(person, 'acme-dev', { reason: 'It is down.', minutes: 30 });
    assert.ok(broken.ok, JSON.stringify(broken));
    const { lines, page, merged } = await push(person, { 'notes/down.md': 'x\n' }, await headOf('develop'));
    assert.deepEqual(lines.slice(-2), [page.gates[0]?.reason, page.why]);
    assert.match(page.why, /you have broken the glass/);
    assert.ok(merged.ok, JSON.stringify(merged));
    assert.ok((await breakGlass.close(person, 'acme-dev', broken.value.id)).ok);
  });

  it('says the closed gates beside it', async () => {
    const foreign = { 'overlays/prod/more.yaml': 'a: 1\n' };
    const { lines, page } = await push(omar, foreign, await headOf('develop'));
    const [gate] = page.gates;
    assert.equal(gate?.allowed, false);
    assert.deepEqual(lines.slice(-2), [page.why, gate?.reason]);
  });
});
