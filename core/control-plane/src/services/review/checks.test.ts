import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import { clock } from '../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import { createRowReviews } from '../../adapters/reviews/rows/row-reviews.ts';
import { codeOf, type Proposed, startProposals } from './testing/proposals.ts';
import { shop } from './testing/review-kit.ts';

const scan = 'ci/security-scan';

describe('checks are posted by tokens that have the right', { timeout: 120_000 }, async () => {
  const { kit, people, propose, merge, detail } = await startProposals();
  const { admin, omar } = people;
  after(() => kit.dispose());

  /** A token of somebody that was given the right to checks of acme, and its id. */
  async function tokenFor(
    owner: Actor,
    names: readonly string[],
    more: { readonly readOnly?: boolean; readonly name?: string } = {},
  ) {
    const { access } = kit.parts();
    const made = await access.createToken(owner, {
      name: 'jenkins',
      expiresInDays: 1,
      ...more,
      checks: { organization: 'acme', names },
    });
    assert.ok(made.ok, JSON.stringify(made));
    const { token, id } = made.value;
    const actor = async () => {
      const present = await access.authenticateToken(token);
      assert.ok(present);
      return present;
    };
    return { id, actor, token };
  }
  const post = (by: Actor, { ref, head }: Proposed, status: 'success' | 'failure', name = scan) =>
    kit.parts().pullRequests.postCheck(by, ref, name, { revision: head, status });
  const messageOf = (result: Awaited<ReturnType<typeof post>>) =>
    result.ok ? 'ok' : (result.problems[0]?.message ?? '');

  before(() => kit.protect({ rules: [{ kind: 'checks', names: [scan] }] }));

  it('nobody posts one by being somebody: not the opener, no administrator, no other token', async () => {
    const proposed = await propose(omar);
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    const plain = await kit.parts().access.createToken(admin, { name: 'laptop', expiresInDays: 1 });
    assert.ok(plain.ok);
    const laptop = await kit.parts().access.authenticateToken(plain.value.token);
    assert.ok(laptop);
    const other = await (await tokenFor(admin, ['unit tests'])).actor();
    for (const who of [omar, people.ada, people.viewer, admin, kit.boss, laptop, other])
      assert.equal(codeOf(await post(who, proposed, 'success')), 'Denied', who.name);
    assert.match(messageOf(await post(omar, proposed, 'success')), /org-admin of acme .*"ci\/security-scan"/);
    assert.match(messageOf(await post(other, proposed, 'success')), /may post unit tests/);
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
  });

  it('a token with the right does, nobody overwrites it, and it is said whose it was', async () => {
    const proposed = await propose(omar);
    const jenkins = await tokenFor(admin, [scan, 'lint']);
    assert.equal(codeOf(await post(await jenkins.actor(), proposed, 'failure')), 'ok');
    assert.equal(codeOf(await post(omar, proposed, 'success')), 'Denied');
    assert.equal(codeOf(await post(admin, proposed, 'success')), 'Denied');
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    assert.equal(codeOf(await post(await jenkins.actor(), proposed, 'success')), 'ok');
    assert.equal(codeOf(await post(await jenkins.actor(), proposed, 'success', 'lint')), 'ok');
    assert.equal(codeOf(await post(await jenkins.actor(), proposed, 'success', 'ci')), 'Denied');
    assert.ok(await kit.parts().access.deleteToken(admin, jenkins.id));
    const { checks } = await detail(proposed);
    assert.deepEqual(
      checks.map(({ name, status, token, by }) => [name, status, token, by]),
      [
        [scan, 'success', 'jenkins', admin.name],
        ['lint', 'success', 'jenkins', admin.name],
      ],
      'what was posted stays after the token is gone',
    );
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
  });

  it('what names no token opens no gate', async () => {
    const proposed = await propose(omar);
    const { database } = kit.parts();
    const reviews = createRowReviews({ database, clock });
    const row = await reviews.get(shop, proposed.number);
    assert.ok(row);
    const at = new Date().toISOString();
    const before = { name: scan, revision: proposed.head, status: 'success', by: 'omar', at } as const;
    assert.ok((await reviews.update({ ...row, checks: [before] })).ok);
    assert.equal(codeOf(await merge(omar, proposed)), 'GateClosed');
    assert.deepEqual(
      (await detail(proposed)).checks.map(({ token, by }) => [token, by]),
      [[undefined, 'omar']],
    );
  });

  it('a verdict records whose each result was', async () => {
    const proposed = await propose(omar);
    const jenkins = await tokenFor(admin, [scan]);
    assert.equal(codeOf(await post(await jenkins.actor(), proposed, 'success')), 'ok');
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
    const { verdicts } = kit.parts();
    const [verdict] = await verdicts.list('acme-prod', { number: proposed.number, limit: 1 });
    assert.deepEqual(verdict?.facts.checks, [
      {
        name: scan,
        revision: proposed.head,
        status: 'success',
        by: { token: 'jenkins', owner: admin.name },
      },
    ]);
  });

  it('it does nothing else that writes, unless it was made to', async () => {
    const proposed = await propose(omar);
    const { pullRequests, access } = kit.parts();
    const verdict = { verdict: 'approve', revision: proposed.head } as const;
    const robot = await (await tokenFor(admin, [scan])).actor();
    assert.equal(robot.readOnly, true);
    assert.equal(codeOf(await pullRequests.review(robot, proposed.ref, verdict)), 'Denied');
    const writing = await (await tokenFor(admin, [scan], { readOnly: false })).actor();
    assert.equal(writing.readOnly, undefined);
    assert.equal(codeOf(await pullRequests.review(writing, proposed.ref, verdict)), 'ok');
    assert.equal(codeOf(await post(writing, proposed, 'success')), 'ok');
    assert.equal((await access.tokens(admin)).filter(({ checks }) => checks).length > 0, true);
  });

  it('only an org-admin gives it, or a sovereign-admin, and it holds while its owner could give it', async () => {
    const { access } = kit.parts();
    const give = (by: Actor, organization = 'acme', names = [scan]) =>
      access.createToken(by, { name: 'ci', expiresInDays: 1, checks: { organization, names } });
    for (const who of [omar, people.viewer, people.limited]) assert.equal(codeOf(await give(who)), 'Denied');
    assert.deepEqual(await give(admin, 'globex'), await give(admin, 'nowhere'), 'what is not theirs');
    assert.equal(codeOf(await give(admin, 'globex')), 'NotFound');
    assert.equal(codeOf(await give(admin, 'acme', [])), 'Invalid');
    assert.equal(codeOf(await give(admin, 'acme', ['ci/*'])), 'Invalid');
    assert.equal(codeOf(await give(admin, 'acme', Array(21).fill(0).map(String))), 'Invalid');
    assert.equal(codeOf(await give(kit.boss)), 'ok');

    const second = await kit.addPerson('second', 'org-admin');
    const token = await tokenFor(second, [scan]);
    const proposed = await propose(omar);
    const change = await access.changeMember(admin, 'acme', second.id, { role: 'org-developer' });
    assert.ok(change.ok);
    assert.equal(codeOf(await post(await token.actor(), proposed, 'success')), 'Denied');
    assert.match(
      messageOf(await post(await token.actor(), proposed, 'success')),
      /no org-admin of acme any more/,
    );
    const [listed] = await access.tokens(await kit.actorOf(second.id));
    assert.deepEqual(listed?.checks, { organization: 'acme', names: [scan], holds: false });
  });

  it('an Organization that is gone leaves it to no namesake', async () => {
    const { access } = kit.parts();
    const made = await access.createToken(kit.boss, {
      name: 'ci',
      expiresInDays: 1,
      checks: { organization: 'initech', names: [scan] },
    });
    assert.ok(made.ok);
    assert.ok((await access.authenticateToken(made.value.token))?.checkRight);
    await access.removeOrganization('initech');
    const left = await access.authenticateToken(made.value.token);
    assert.deepEqual([left?.checkRight, left?.readOnly], [undefined, true]);
  });
});
