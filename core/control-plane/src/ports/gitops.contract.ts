import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import type { GitOps, ReleaseTarget } from './gitops.ts';

/** What an adapter's test provides; each call of `target` is a new commit of the same Application. */
export interface GitOpsContractKit {
  gitops(): GitOps;
  /** Every status told to the listener, oldest first. */
  statuses(): readonly ReleaseStatus[];
  /** A commit whose Application can become Ready; `text` changes its Pods. */
  target(text: string): ReleaseTarget;
  /** A commit that must be refused. */
  refused(): ReleaseTarget;
  /** The Application's uninstallation. */
  uninstalled(): ReleaseTarget;
  /** Names what runs: equal answers mean that nothing was touched. */
  running(): Promise<readonly string[]>;
  /** Stops the adapter and starts another one on the same data, without declaring anything. */
  restart(): Promise<void>;
  until<T>(what: string, check: () => Promise<T | undefined>, timeoutMs?: number): Promise<T>;
}

/** The law of `GitOps` as tests; call it inside a `describe`. */
export function testGitOps(kit: () => GitOpsContractKit): void {
  const last = (target: ReleaseTarget) =>
    kit()
      .statuses()
      .findLast((status) => status.application === target.application && status.revision === target.revision);
  const ready = (target: ReleaseTarget) =>
    kit().until(
      `${target.revision} to be Ready`,
      async () => (last(target)?.ready.status === 'True' ? last(target) : undefined),
      30_000,
    );

  it('applies what is declared and says at which commit', async () => {
    const target = kit().target('one');
    kit().gitops().declare(target);
    const status = await ready(target);
    assert.equal(status.appliedRevision, target.revision);
    assert.ok(status.inventory.length > 0);
    assert.deepEqual(
      kit()
        .gitops()
        .statuses()
        .find((one) => one.application === target.application),
      last(target),
    );
  });

  it('touches nothing when the same is declared again, also after a restart', async () => {
    const target = kit().target('two');
    kit().gitops().declare(target);
    await ready(target);
    const running = await kit().running();
    kit().gitops().declare(target);
    await kit().restart();
    kit().gitops().declare(target);
    await ready(target);
    assert.deepEqual(await kit().running(), running);
  });

  it('keeps the applied commit when a later one is refused, and says why', async () => {
    const before = kit().target('three');
    kit().gitops().declare(before);
    await ready(before);
    const running = await kit().running();
    const target = kit().refused();
    kit().gitops().declare(target);
    const status = await kit().until('a refusal', async () =>
      last(target)?.ready.status === 'False' ? last(target) : undefined,
    );
    assert.equal(status.appliedRevision, before.revision);
    assert.match(status.ready.reason, /^[A-Z][A-Za-z]+$/);
    assert.deepEqual(await kit().running(), running);
  });

  it('lets a later declaration replace one that cannot be applied', async () => {
    kit().gitops().declare(kit().refused());
    const target = kit().target('four');
    kit().gitops().declare(target);
    await ready(target);
  });

  it('shows the objects of the applied commit without contents of Secrets', async () => {
    const target = kit().target('five');
    kit().gitops().declare(target);
    await ready(target);
    const objects = await kit().gitops().manifests(target.environment, target.application);
    assert.ok(objects && objects.length > 0);
    for (const object of objects.filter(({ kind }) => kind === 'Secret'))
      assert.deepEqual([...new Set(Object.values(object['data'] ?? {}))], ['']);
    assert.equal(await kit().gitops().manifests(target.environment, 'nobody'), undefined);
  });

  it('removes everything on uninstall, and says so each time it is declared', async () => {
    for (let round = 0; round < 2; round += 1) {
      const target = kit().uninstalled();
      kit().gitops().declare(target);
      await kit().until('removal', async () => (last(target)?.removed ? true : undefined));
      assert.deepEqual(await kit().running(), []);
      assert.equal(await kit().gitops().manifests(target.environment, target.application), undefined);
    }
  });
}
