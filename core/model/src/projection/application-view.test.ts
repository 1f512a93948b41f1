import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ReleaseStatus } from '../events/cloud-event.ts';
import { reasons } from '../workload/reasons.ts';
import { decideState, type StateFacts } from './application-state.ts';
import { type ApplicationParts, toApplicationView } from './application-view.ts';

const revision = 'b'.repeat(40);
const older = 'a'.repeat(40);

function release(
  over: Partial<ReleaseStatus> = {},
  ready: Partial<ReleaseStatus['ready']> = {},
): ReleaseStatus {
  return {
    environment: 'acme-dev',
    organization: 'acme',
    application: 'shop',
    revision,
    appliedRevision: revision,
    ready: {
      type: 'Ready',
      status: 'True',
      reason: reasons.Ready,
      message: 'Everything runs.',
      lastTransitionTime: '2026-01-01T00:00:00Z',
      ...ready,
    },
    replicas: { ready: 2, desired: 2 },
    routes: [],
    inventory: [],
    ...over,
  };
}

const base: StateFacts = {
  revision,
  paused: false,
  removing: false,
  release: release(),
  engine: { available: true, message: '' },
};

const cases: { name: string; given: Partial<StateFacts>; want: [string, string?] }[] = [
  { name: 'observed ready at the revision of the branch', given: {}, want: ['Running'] },
  {
    name: 'installed for the first time, not yet looked at',
    given: { release: undefined as never },
    want: ['Installing', 'Reconciling'],
  },
  {
    name: 'ready at an older revision only',
    given: { release: release({ revision: older, appliedRevision: older }), readyRevision: older },
    want: ['Updating', 'Reconciling'],
  },
  {
    name: 'ready is said of the revision, which was not applied',
    given: { release: release({ appliedRevision: older }), readyRevision: older },
    want: ['Updating', 'Progressing'],
  },
  {
    name: 'ready was said before the last start, and nobody has looked since',
    given: { readyRevision: revision, unobserved: true },
    want: ['Unknown', 'NotObserved'],
  },
  {
    name: 'nobody has looked since the last start, and the branch has moved on',
    given: { readyRevision: older, unobserved: true, release: release({ revision: older }) },
    want: ['Updating', 'Reconciling'],
  },
  {
    name: 'first rollout',
    given: {
      release: release({ replicas: { ready: 0, desired: 2 } }, { status: 'Unknown', reason: 'Progressing' }),
    },
    want: ['Installing', 'Progressing'],
  },
  {
    name: 'a rollout of something that ran before',
    given: {
      readyRevision: older,
      release: release({ replicas: { ready: 1, desired: 2 } }, { status: 'Unknown', reason: 'Progressing' }),
    },
    want: ['Updating', 'Progressing'],
  },
  {
    name: 'a Pod lost after it ran at this revision, others serve',
    given: {
      readyRevision: revision,
      release: release(
        { replicas: { ready: 1, desired: 2 } },
        { status: 'False', reason: 'NotEnoughReplicas' },
      ),
    },
    want: ['Degraded', 'NotEnoughReplicas'],
  },
  {
    name: 'nothing serves any more',
    given: {
      readyRevision: revision,
      release: release(
        { replicas: { ready: 0, desired: 2 } },
        { status: 'False', reason: 'CrashLoopBackOff' },
      ),
    },
    want: ['Failed', 'CrashLoopBackOff'],
  },
  {
    name: 'an update that fails while what ran before goes on',
    given: {
      readyRevision: older,
      release: release({ appliedRevision: older }, { status: 'False', reason: 'RenderFailed' }),
    },
    want: ['Failed', 'RenderFailed'],
  },
  {
    name: 'a dependency that is not ready',
    given: {
      release: release({ waitingFor: ['shop-db'] }, { status: 'Unknown', reason: 'DependencyNotReady' }),
    },
    want: ['Waiting', 'DependencyNotReady'],
  },
  {
    name: 'an install without a container engine',
    given: { release: undefined as never, engine: { available: false, message: 'Install Podman.' } },
    want: ['Waiting', 'EngineUnavailable'],
  },
  {
    name: 'the container engine went away under something that ran',
    given: { readyRevision: revision, engine: { available: false, message: 'Podman does not answer.' } },
    want: ['Unknown', 'EngineUnavailable'],
  },
  {
    name: 'paused, and nothing runs',
    given: {
      paused: true,
      release: release({ replicas: { ready: 0, desired: 0 } }, { reason: 'Paused' }),
    },
    want: ['Paused', 'Paused'],
  },
  {
    name: 'scaled to zero: nothing runs, whatever was asked of its code',
    given: {
      readyRevision: older,
      release: release({ replicas: { ready: 0, desired: 0 } }, { reason: 'ScaledToZero' }),
    },
    want: ['Paused', 'ScaledToZero'],
  },
  {
    name: 'nothing in it could run',
    given: { release: release({ replicas: { ready: 0, desired: 0 } }) },
    want: ['Running'],
  },
  {
    name: 'scaled to zero at an older revision only',
    given: {
      readyRevision: older,
      release: release(
        { appliedRevision: older, replicas: { ready: 0, desired: 0 } },
        { reason: 'ScaledToZero' },
      ),
    },
    want: ['Updating', 'Progressing'],
  },
  {
    name: 'scaled to zero and paused',
    given: {
      paused: true,
      release: release({ replicas: { ready: 0, desired: 0 } }, { reason: 'ScaledToZero' }),
    },
    want: ['Paused', 'Paused'],
  },
  {
    name: 'paused, and Pods still run',
    given: { paused: true, readyRevision: older },
    want: ['Updating', 'Progressing'],
  },
  {
    name: 'resumed, and the engine has not noticed',
    given: {
      readyRevision: older,
      release: release({ replicas: { ready: 0, desired: 0 } }, { reason: 'Paused' }),
    },
    want: ['Updating', 'Progressing'],
  },
  { name: 'uninstalled and still there', given: { removing: true }, want: ['Updating', 'Removing'] },
  {
    name: 'an error of ours hides what is true',
    given: { readyRevision: revision, release: release({}, { status: 'Unknown', reason: 'Internal' }) },
    want: ['Unknown', 'Internal'],
  },
];

for (const { name, given, want } of cases)
  test(`${want[0]}: ${name}`, () => {
    const { state, why } = decideState({ ...base, ...given });
    assert.deepEqual([state, why?.reason], [want[0], want[1]]);
  });

const revisions = fc.constantFrom(revision, older);
const replicas = fc.record({
  ready: fc.integer({ min: 0, max: 3 }),
  desired: fc.integer({ min: 0, max: 3 }),
});
const anyRelease = fc
  .record({
    revision: revisions,
    appliedRevision: fc.option(revisions, { nil: undefined }),
    status: fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const),
    reason: fc.constantFrom(...Object.values(reasons)),
    message: fc.string(),
    replicas,
    waitingFor: fc.option(fc.array(fc.string(), { maxLength: 2 }), { nil: undefined }),
  })
  .map(({ status, reason, message, appliedRevision, waitingFor, ...rest }) => {
    const { appliedRevision: _applied, ...made } = release(rest, { status, reason, message });
    return {
      ...made,
      ...(appliedRevision === undefined ? {} : { appliedRevision }),
      ...(waitingFor === undefined ? {} : { waitingFor }),
    };
  });
const anyFacts = fc
  .record({
    paused: fc.boolean(),
    removing: fc.boolean(),
    release: fc.option(anyRelease, { nil: undefined }),
    readyRevision: fc.option(revisions, { nil: undefined }),
    available: fc.boolean(),
  })
  .map(
    ({ release: found, readyRevision, available, ...rest }): StateFacts => ({
      ...rest,
      revision,
      engine: { available, message: 'away' },
      ...(found ? { release: found } : {}),
      ...(readyRevision ? { readyRevision } : {}),
    }),
  );

test('Running is never shown unless it was observed ready at the revision of the branch', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (decideState(facts).state !== 'Running') return;
      assert.ok(facts.engine.available && !facts.paused && !facts.removing);
      assert.equal(facts.release?.revision, revision);
      assert.equal(facts.release?.appliedRevision, revision);
      assert.equal(facts.release?.ready.status, 'True');
      assert.notEqual(facts.release?.ready.reason, reasons.ScaledToZero);
      assert.ok(facts.release.replicas.ready >= facts.release.replicas.desired);
    }),
    { numRuns: 3000 },
  );
});

test('whatever is not Running says why in one line, and who can act', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const { state, why } = decideState(facts);
      if (state === 'Running') return assert.equal(why, undefined);
      assert.ok(why?.reason && why.message && why.actor);
      assert.ok(!why.message.includes('\n') && why.message.length <= 500);
    }),
    { numRuns: 3000 },
  );
});

test('the card carries what its parts say', () => {
  const parts: ApplicationParts = {
    declaration: {
      application: 'shop',
      organization: 'acme',
      environment: 'acme-dev',
      blueprint: { name: 'bp-wordpress', version: '1.0.0', digest: `sha256:${'0'.repeat(64)}` },
      requires: [{ alias: 'db', blueprint: 'bp-mariadb', version: '^1.0.0' }],
      bindings: [{ alias: 'db', application: 'shop-db' }],
      hosts: ['shop.acme-dev.localhost'],
      paused: false,
    },
    removing: false,
    revision,
    pods: [],
    usedBy: ['z', 'a'],
    engine: { available: true, message: '' },
    release: release({
      routes: [{ host: 'shop.acme-dev.localhost', path: '/', address: '10.96.0.1', port: 80 }],
      inventory: [
        { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'shop', name: 'shop', enforced: false },
        { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'shop', enforced: true },
      ],
    }),
  };
  const view = toApplicationView(parts, (host) => `http://${host}:8080`);
  assert.equal(view.state, 'Running');
  assert.equal(view.url, 'http://shop.acme-dev.localhost:8080');
  assert.deepEqual(view.dependencies, [{ alias: 'db', application: 'shop-db', blueprint: 'bp-mariadb' }]);
  assert.deepEqual(view.usedBy, ['a', 'z']);
  assert.deepEqual(view.notEnforced, ['ServiceAccount/shop']);
});
