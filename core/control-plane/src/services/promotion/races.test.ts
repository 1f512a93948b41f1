import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startPromotionKit } from './testing/promotion-kit.ts';

type Kit = Awaited<ReturnType<typeof startPromotionKit>>;

const repositories = 20;
const writersEach = 2;
const promotionsEach = 5;
const mostAttempts = 40;

/** A merge that was acknowledged: which commit of the source, and the merge that it became. */
interface Acknowledged {
  readonly application: string;
  readonly source: string;
  readonly merge: string;
}

describe('two hundred promotions that race on twenty repositories', { timeout: 280_000 }, () => {
  let kit: Kit;
  before(async () => {
    kit = await startPromotionKit([{ name: 'web', version: '1.0.0' }]);
    for (let at = 0; at < repositories; at += 1)
      await kit.change('acme-dev', {
        action: 'install',
        application: `shop-${at}`,
        blueprint: 'bp-web',
        values: {},
      });
  });
  after(() => kit.close());

  /** A commit on develop by one of several writers; who comes too late tries again. */
  async function mark(application: string, name: string): Promise<void> {
    for (;;) {
      const repository = kit.repository(application);
      const head = (await kit.repositories.head(repository, 'develop')) ?? null;
      const done = await kit.repositories.commit({
        repository,
        branch: 'develop',
        expectedHead: head,
        changes: { [`notes/${name}.md`]: `${name}\n` },
        message: `Add ${name}`,
        author: { name: kit.boss.name, email: kit.boss.email },
        pusher: { id: kit.boss.id, name: kit.boss.name, surface: 'git' },
      });
      if (done.ok) return;
      assert.equal(done.problems[0]?.code, 'Conflict', JSON.stringify(done.problems));
    }
  }

  /** Promotes what develop has now; another writer may bring the same along, or be faster. */
  async function promote(application: string): Promise<Acknowledged | undefined> {
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const plan = await kit.plan(kit.boss, 'acme-stg', { action: 'promote', application });
      if (plan.problems[0]?.code === 'NothingChanges') return undefined;
      assert.deepEqual(plan.problems, []);
      const proposed = await kit.pullRequests.propose(kit.boss, 'acme-stg', plan.id, {});
      if (!proposed.ok) {
        assert.ok(['Stale', 'Conflict'].includes(proposed.problems[0]?.code ?? ''), JSON.stringify(proposed));
        continue;
      }
      const [opened] = proposed.value;
      assert.ok(opened);
      const merged = await kit.merge(kit.boss, opened);
      if (merged.ok) {
        assert.ok(merged.value.mergeRevision);
        return { application, source: opened.head, merge: merged.value.mergeRevision };
      }
      const codes = ['Stale', 'Conflict', 'GateClosed', 'MergeConflict'];
      assert.ok(codes.includes(merged.problems[0]?.code ?? ''), JSON.stringify(merged));
    }
    throw new Error(`${application} was never promoted.`);
  }

  it('each acknowledged one is in the history once, and none carries what its source has not', async (t) => {
    const acknowledged: Acknowledged[] = [];
    const writers = Array.from({ length: repositories * writersEach }, (_, at) => at);
    await Promise.all(
      writers.map(async (writer) => {
        const application = `shop-${writer % repositories}`;
        for (let round = 0; round < promotionsEach; round += 1) {
          await mark(application, `${writer}-${round}`);
          const done = await promote(application);
          if (done) acknowledged.push(done);
        }
      }),
    );
    for (let at = 0; at < repositories; at += 1) {
      const application = `shop-${at}`;
      const repository = kit.repository(application);
      const history = await kit.repositories.history(repository, 'staging', { limit: 500 });
      const merges = history.filter(({ parents }) => parents.length === 2);
      const own = acknowledged.filter((one) => one.application === application);
      assert.deepEqual(
        own.map(({ merge }) => merge).sort(),
        merges.map(({ revision }) => revision).sort(),
        'every acknowledged merge once, and no other',
      );
      for (const { source, merge } of own) {
        assert.equal(merges.find(({ revision }) => revision === merge)?.parents[1], source);
        for (const folder of ['base', 'notes'])
          assert.equal(
            await kit.repositories.treeOf(repository, merge, folder),
            await kit.repositories.treeOf(repository, source, folder),
            'it is what its source has',
          );
      }
      const files = Object.keys(await kit.files({ environment: 'acme-stg', application }));
      assert.equal(
        files.filter((path) => path.startsWith('notes/')).length,
        writersEach * promotionsEach,
        'nothing was lost',
      );
    }
    t.diagnostic(
      `${acknowledged.length} merges acknowledged of ${writers.length * promotionsEach} promotions`,
    );
  });
});
