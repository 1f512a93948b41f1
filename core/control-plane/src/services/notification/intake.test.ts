import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { makeEvent } from '@catalyst/model/events/make-event.ts';
import { logger } from '../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import type { Delivered } from '../../events/event-spine.ts';
import { testClock } from '../../events/testing/nats-kit.ts';
import { createAssessments } from '../inbox/assessments.ts';
import { configBranch, configRepository } from '../receiving/config-repository.ts';
import { toChanged } from '../review/announce.ts';
import { startProposals } from '../review/testing/proposals.ts';
import { createIntake } from './intake.ts';
import { createNotifications } from './notifications.ts';

const subject = await startProposals();
const { kit, propose, approve } = subject;
const { omar, ada, ben } = subject.people;
const { pullRequests, repositories, access, teams, identity, database } = kit.parts();
const { standings } = pullRequests;
const assessments = createAssessments({
  standings,
  access,
  teams,
  policies: { ...configRepository, branch: configBranch },
  headOf: repositories.head,
  clock: testClock,
});
const notifications = createNotifications({
  database,
  mail: { status: () => ({ configured: false, message: 'none' }) },
  pageUrl: (path) => path,
  clock: testClock,
  logger,
  mailAdded: () => {},
});
const handlers = new Map<string, (batch: readonly Delivered[]) => Promise<void>>();
const intake = createIntake({
  spine: {
    subscribeBatches: async (durable, _filter, handler) => {
      handlers.set(durable, handler);
      return { stop: async () => {} };
    },
  },
  ...{ database, notifications, standings, assessments, access, identity, repositories, logger },
});
await intake.start();

let sequence = 0;
function delivered(event: Delivered['event']): Delivered {
  sequence += 1;
  return { event, sequence } as Delivered;
}
/** As the stream hands it over, twice: an acknowledgement may get lost. */
async function deliver(durable: string, event: Delivered['event']): Promise<void> {
  await handlers.get(durable)?.([delivered(event)]);
  await handlers.get(durable)?.([delivered(event)]);
}
const kindsOf = async (who: typeof omar) =>
  (await notifications.list(who, { limit: 50 })).items.map(({ kind }) => kind).sort();

describe('what people are told of what happens', { timeout: 60_000 }, () => {
  after(() => kit.dispose());

  it('asks those whose approval counts, then tells the author, each once', async () => {
    const proposed = await propose(omar);
    const row = async () => {
      const found = await standings.get({ organization: 'acme', name: 'shop' }, proposed.number);
      assert.ok(found);
      return found;
    };
    const tell = async (change: ReturnType<typeof toChanged>, id: string) =>
      deliver(
        'notifications-pull-requests',
        makeEvent('io.openova.catalyst.pull-request.changed', '/reviews', id, testClock.now(), change),
      );
    const opened = await row();
    await tell(toChanged(opened), 'e1');
    assert.deepEqual(await kindsOf(ada), ['review-needed']);
    assert.deepEqual(await kindsOf(ben), ['review-needed']);
    assert.deepEqual(await kindsOf(omar), []);
    await approve(ada, proposed);
    const once = await row();
    await tell(toChanged(once, opened), 'e2');
    assert.deepEqual(await kindsOf(omar), ['approved']);
    await approve(ben, proposed);
    await tell(toChanged(await row(), once), 'e3');
    assert.deepEqual(await kindsOf(omar), ['approved', 'approved', 'mergeable']);
    assert.deepEqual(await kindsOf(ada), ['review-needed'], 'nothing more is asked of her');
  });

  it('tells who brought it that it failed, once for each commit, without what a container said', async () => {
    const revision = await kit.commit(ben, 'develop', { 'notes.md': 'x' });
    const status: ReleaseStatus = {
      organization: 'acme',
      environment: 'acme-dev',
      application: 'shop',
      revision,
      appliedRevision: revision,
      replicas: { ready: 0, desired: 1 },
      ready: { status: 'False', reason: 'CrashLoopBackOff', message: 'password=hunter2', since: '' },
      routes: [],
      inventory: [],
    } as unknown as ReleaseStatus;
    await deliver(
      'notifications-releases',
      makeEvent('io.openova.catalyst.release.reported', '/agent', 'r1', testClock.now(), status),
    );
    const failed = (await notifications.list(ben, { limit: 50 })).items.filter(
      ({ kind }) => kind === 'failed',
    );
    assert.equal(failed.length, 1);
    assert.match(failed[0]?.message ?? '', /CrashLoopBackOff/);
    assert.doesNotMatch(JSON.stringify(failed), /hunter2/);
  });
});
