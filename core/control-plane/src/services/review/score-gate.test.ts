import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { makeView } from '../../api/testing/doubles.ts';
import { codeOf, type Proposed, startProposals } from './testing/proposals.ts';
import { shop } from './testing/review-kit.ts';
import { startWebAppEngine } from './testing/web-app-engine.ts';

const app = await startWebAppEngine();
const { kit, propose, merge, detail, people } = await startProposals(undefined, app.engine);
const { omar, admin } = people;

const rule = (minScore: number, severity?: 'blocking' | 'warning') => ({
  rules: [{ kind: 're-score-gate', minScore, ...(severity ? { severity } : {}) }],
});
const values = (replicas: number, more = {}) => ({ replicas, ...more });
const gateOf = async (proposed: Proposed) => {
  const gate = (await detail(proposed)).gates.find((entry) => entry.rule === 're-score-gate');
  assert.ok(gate);
  return gate;
};
const scoreIn = (reason: string) => Number(/The RE score is (\d+),/.exec(reason)?.[1]);
const baseValues = (replicas: number) => ({
  'base/values.yaml': app.filesOf('prod', values(replicas))['base/values.yaml'] ?? '',
});

describe('the RE score as a gate', { timeout: 180_000 }, () => {
  after(async () => {
    await kit.dispose();
    await app.stop();
  });

  it('what installs nothing has no score, and passes', async () => {
    await kit.protect(rule(80));
    const proposed = await propose(omar);
    assert.match((await gateOf(proposed)).reason, /nothing to score/);
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
  });

  let first = 0;
  it('a score that is too low keeps the merge out, on the page and at the merge, and names the cheapest fix', async () => {
    const proposed = await propose(omar, app.filesOf('prod', values(1)));
    const gate = await gateOf(proposed);
    assert.equal(gate.allowed, false);
    assert.match(
      gate.reason,
      /at least 80 is asked for\. Cheapest: .*replicas of Deployment web, by the setting replicas \(\+\d/,
    );
    assert.match(gate.reason, /Not known, and left out: .*Few restarts/);
    first = scoreIn(gate.reason);
    const refusal = await merge(omar, proposed);
    assert.equal(codeOf(refusal), 'GateClosed');
    assert.equal(!refusal.ok && refusal.problems[0]?.message, gate.reason);
    await kit.protect(rule(first));
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
  });

  it('looks at what the merge would make, and not at what is there', async () => {
    await kit.protect(rule(first + 1));
    const same = await propose(omar, { 'notes/same.md': 'x' });
    assert.equal(codeOf(await merge(omar, same)), 'GateClosed');
    const better = await propose(omar, baseValues(2));
    const gate = await gateOf(better);
    assert.ok(gate.allowed && scoreIn(gate.reason) > first, gate.reason);
    assert.equal(codeOf(await merge(omar, better)), 'ok');
    const worse = await propose(omar, baseValues(1));
    assert.equal(codeOf(await merge(omar, worse)), 'GateClosed');
  });

  it('a warning lets it in and says so', async () => {
    await kit.protect(rule(100, 'warning'));
    const proposed = await propose(omar, baseValues(3));
    const gate = await gateOf(proposed);
    assert.deepEqual([gate.allowed, gate.severity], [true, 'warning']);
    assert.match(gate.reason, /The RE score is \d+, at least 100 is asked for\. Cheapest/);
    assert.equal(codeOf(await merge(omar, proposed)), 'ok');
  });

  it('counts how the same content runs elsewhere, and never what the change replaces', async () => {
    await kit.protect(rule(100, 'warning'));
    const changes = { ...app.filesOf('dev', values(2)), ...app.filesOf('prod', values(2)) };
    const proposed = await propose(omar, changes);
    const looping = (environment: string) => ({
      ...makeView('acme', environment, 'shop', 'Failed'),
      revision: proposed.head,
      instances: [
        {
          name: 'web-1',
          component: 'web',
          phase: 'Running',
          ready: false,
          restarts: 12,
          containers: [
            {
              name: 'web',
              image: 'nginx',
              init: false,
              state: 'waiting',
              reason: 'CrashLoopBackOff',
              restarts: 12,
            },
          ],
        },
      ],
    });
    const before = await gateOf(proposed);
    app.views.set('acme-prod/shop', looping('acme-prod'));
    assert.equal((await gateOf(proposed)).reason, before.reason);
    app.views.set('acme-dev/shop', looping('acme-dev'));
    const after = await gateOf(proposed);
    assert.ok(scoreIn(after.reason) < scoreIn(before.reason), after.reason);
    assert.doesNotMatch(after.reason, /Few restarts/);
    app.views.clear();
  });

  it('how the head runs elsewhere says nothing where merging makes another base of it', async () => {
    await kit.protect(rule(100, 'warning'));
    const proposed = await propose(omar, baseValues(4));
    app.views.set('acme-dev/shop', {
      ...makeView('acme', 'acme-dev', 'shop'),
      revision: proposed.head,
    });
    assert.doesNotMatch((await gateOf(proposed)).reason, /Few restarts/);
    const other = await propose(omar, { 'base/notes.md': 'beside it' });
    assert.equal(codeOf(await merge(omar, other)), 'ok');
    assert.match((await gateOf(proposed)).reason, /Not known, and left out: .*Few restarts/);
    // Of a repository that is not this one any more.
    app.views.set('acme-dev/shop', { ...makeView('acme', 'acme-dev', 'shop'), revision: 'f'.repeat(40) });
    assert.match((await gateOf(proposed)).reason, /Not known, and left out: .*Few restarts/);
    app.views.clear();
  });

  it('what cannot be rendered has no score, and does not pass for having none', async () => {
    await kit.protect(rule(1));
    const proposed = await propose(omar, { 'base/application.yaml': 'spec: [1' });
    const gate = await gateOf(proposed);
    assert.equal(gate.allowed, false);
    assert.match(gate.reason, /cannot be told/);
  });

  it('a direct change is asked for a pull request, or lets a warning be', async () => {
    await kit.protect(rule(1));
    await assert.rejects(kit.commit(admin, 'main', { 'a.md': 'x' }), /Protected.*looked at in pull requests/);
    const { policies } = kit.parts();
    const blocked = await policies.ofDirectChange('acme-prod');
    assert.deepEqual([blocked.protected, blocked.allowed], [false, false]);
    await kit.protect(rule(100, 'warning'));
    await kit.commit(admin, 'main', { 'a.md': 'x' });
    const { allowed, gates } = await policies.ofDirectChange('acme-prod');
    assert.deepEqual([allowed, gates[0]?.severity], [true, 'warning']);
  });

  it('costs nothing where no policy asks for it', async () => {
    await kit.protect(null);
    const head = await kit.parts().repositories.head(shop, 'main');
    assert.ok(head);
    const proposed = await propose(omar, baseValues(1));
    assert.deepEqual((await detail(proposed)).gates, []);
  });
});
