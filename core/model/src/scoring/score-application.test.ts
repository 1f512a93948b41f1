import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JsonObject, KubernetesObject } from '../kubernetes.ts';
import type { PodView } from '../views/application-view.ts';
import { criteria } from './criteria.ts';
import { type ApplicationScore, scoreApplication } from './score-application.ts';
import { known, type ScoreFacts, unknown } from './score-facts.ts';
import { mend, mendable, type Sample, samples, toFacts } from './testing/samples.ts';

const digest = `@sha256:${'a'.repeat(64)}`;
const good = {
  name: 'web',
  image: `nginx:1.28${digest}`,
  readinessProbe: { tcpSocket: { port: 80 } },
  livenessProbe: { tcpSocket: { port: 80 } },
  resources: { limits: { cpu: '1', memory: '1Gi' } },
  securityContext: { runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
};
const deployment = (container: JsonObject = good, more: JsonObject = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } },
    ...more,
  },
});
const budget = (spec: JsonObject = { maxUnavailable: 1 }): KubernetesObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
});
const pod = (
  more: Partial<PodView> = {},
  container: Partial<PodView['containers'][number]> = {},
): PodView => ({
  name: 'web-1',
  component: 'web',
  phase: 'Running',
  ready: true,
  restarts: 0,
  containers: [{ name: 'web', image: 'nginx', init: false, state: 'running', restarts: 0, ...container }],
  ...more,
});
const facts = (objects: readonly KubernetesObject[], more: Partial<ScoreFacts> = {}): ScoreFacts => ({
  objects,
  blueprint: 'bp-web-app',
  configSchema: { properties: { replicas: { type: 'integer', title: 'Copies' } } },
  freshness: known({ used: '1.2.0', newest: '1.2.0' }),
  owners: known({ handles: ['@acme/web'], people: 2 }),
  backups: unknown('Nothing here takes backups.'),
  running: known([{ environment: 'acme-dev', state: 'Running', pods: [pod()] }]),
  ...more,
});
const of = (score: ApplicationScore, id: string) => {
  const found = score.criteria.find((criterion) => criterion.id === id);
  assert.ok(found, id);
  return found;
};

describe('RE score', () => {
  it('is 100 where nothing is lost', () => {
    const score = scoreApplication(facts([deployment(), budget()]));
    assert.deepEqual([score.value, score.lost], [100, []]);
  });

  it('is not there where nothing applies', () => {
    const nothing = unknown('Not known.');
    const score = scoreApplication(facts([], { freshness: nothing, owners: nothing, running: nothing }));
    assert.equal(score.value, undefined);
  });

  for (const { name, objects = [deployment(), budget()], more = {}, id, want } of cases())
    it(`${id}: ${name}`, () => {
      const { status, earned, points } = of(scoreApplication(facts(objects, more)), id);
      assert.equal(status, want);
      assert.equal(earned === points, status === 'met' || points === 0);
    });

  it('names the setting, the object and what it brings', () => {
    const { lost } = scoreApplication(facts([deployment(good, { replicas: 1 }), budget()]));
    const [first] = lost;
    assert.ok(first);
    assert.deepEqual(
      [first.criterion, first.object, first.fix.way],
      ['replicas', 'Deployment web', 'settings'],
    );
    assert.deepEqual(first.fix.settings, [{ path: 'replicas', title: 'Copies' }]);
    assert.ok(first.points > 10 && first.points < 20, String(first.points));
  });

  it('names no setting where it cannot know which one is meant', () => {
    const other = { ...deployment(good, { replicas: 1 }), metadata: { name: 'worker' } };
    const { lost } = scoreApplication(facts([deployment(good, { replicas: 1 }), other]));
    const fixes = lost.filter(({ criterion }) => criterion === 'replicas').map(({ fix }) => fix);
    assert.deepEqual(
      fixes.map(({ way, settings }) => [way, settings.length]),
      [
        ['settings', 0],
        ['settings', 0],
      ],
    );
  });

  it('takes further criteria as data', () => {
    const row = {
      ...(criteria[0] as (typeof criteria)[number]),
      id: 'named',
      weight: 50,
      judge: () => ({ kind: 'checked' as const, checks: [{ object: 'x', passed: 0, of: 1, reason: 'No.' }] }),
    };
    const score = scoreApplication(facts([deployment(), budget()]), [...criteria, row]);
    assert.equal(score.value, Math.floor((100 * 92) / 142));
  });

  it('is documented as it is', () => {
    const text = readFileSync(new URL('../../../../docs/RE-SCORE.md', import.meta.url), 'utf8');
    for (const { id, weight, applies, rule, sources } of criteria) {
      assert.ok(text.includes(`| \`${id}\` | ${weight} | ${applies} | ${rule} |`), id);
      for (const { title, url } of sources) assert.ok(text.includes(`[${title}](${url})`), title);
    }
  });

  it('has weights of 100 in all, and a source for every row', () => {
    assert.equal(
      criteria.reduce((sum, { weight }) => sum + weight, 0),
      100,
    );
    assert.equal(new Set(criteria.map(({ id }) => id)).size, criteria.length);
    for (const { sources, id } of criteria) assert.ok(sources.length > 0, id);
  });
});

function cases() {
  const container = (more: JsonObject) => [deployment({ ...good, ...more }), budget()];
  const running = (state: 'Failed' | 'Updating' | 'Paused', pods: PodView[] = [pod()]) => ({
    running: known([{ environment: 'acme-dev', state, pods }]),
  });
  const scaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas: 3 },
  };
  const job = { ...deployment(), kind: 'Job' };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: {} };
  const rows: {
    name: string;
    id: string;
    want: string;
    objects?: KubernetesObject[];
    more?: Partial<ScoreFacts>;
  }[] = [
    { id: 'replicas', name: 'two', want: 'met' },
    { id: 'replicas', name: 'one', objects: [deployment(good, { replicas: 1 })], want: 'lost' },
    {
      id: 'replicas',
      name: 'an autoscaler counts',
      objects: [deployment(good, { replicas: 1 }), scaler],
      want: 'met',
    },
    { id: 'replicas', name: 'a Job is none', objects: [job], want: 'not-applicable' },
    { id: 'disruption-budget', name: 'none', objects: [deployment()], want: 'lost' },
    {
      id: 'disruption-budget',
      name: 'one that lets nothing go',
      objects: [deployment(), budget({ minAvailable: 2 })],
      want: 'lost',
    },
    {
      id: 'disruption-budget',
      name: 'half of two',
      objects: [deployment(), budget({ minAvailable: '50%' })],
      want: 'met',
    },
    {
      id: 'disruption-budget',
      name: 'of other Pods',
      objects: [deployment(), budget({ selector: { matchLabels: { app: 'x' } } })],
      want: 'lost',
    },
    { id: 'readiness', name: 'there', want: 'met' },
    { id: 'readiness', name: 'none', objects: [deployment({ name: 'web', image: 'x' })], want: 'lost' },
    {
      id: 'limits',
      name: 'of memory alone',
      objects: container({ resources: { limits: { memory: '1Gi' } } }),
      want: 'partly',
    },
    {
      id: 'requests',
      name: 'a limit stands for the request',
      objects: container({ resources: { limits: { memory: '1Gi' }, requests: { cpu: '1' } } }),
      want: 'met',
    },
    {
      id: 'non-root',
      name: 'user 0 is root whatever else is said',
      objects: container({ securityContext: { runAsNonRoot: true, runAsUser: 0 } }),
      want: 'lost',
    },
    {
      id: 'non-root',
      name: 'a user above 0',
      objects: container({ securityContext: { runAsUser: 1000 } }),
      want: 'met',
    },
    {
      id: 'privileges',
      name: 'privileged',
      objects: container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
      want: 'lost',
    },
    {
      id: 'image',
      name: 'latest',
      objects: container({ image: 'registry:5000/nginx:latest' }),
      want: 'lost',
    },
    {
      id: 'image',
      name: 'no tag behind a port',
      objects: container({ image: 'registry:5000/nginx' }),
      want: 'lost',
    },
    { id: 'image', name: 'a tag', objects: container({ image: 'registry:5000/nginx:1.28' }), want: 'partly' },
    {
      id: 'freshness',
      name: 'a minor version behind',
      more: { freshness: known({ used: '1.1.0', newest: '1.2.0', next: '1.2.0' }) },
      want: 'partly',
    },
    {
      id: 'freshness',
      name: 'a major version behind',
      more: { freshness: known({ used: '1.1.0', newest: '2.0.0' }) },
      want: 'lost',
    },
    { id: 'freshness', name: 'unknown', more: { freshness: unknown('Gone.') }, want: 'unknown' },
    {
      id: 'ownership',
      name: 'one person',
      more: { owners: known({ handles: [], people: 1 }) },
      want: 'partly',
    },
    { id: 'backups', name: 'no data', want: 'not-applicable' },
    { id: 'backups', name: 'data, and nobody knows', objects: [claim], want: 'unknown' },
    { id: 'backups', name: 'data without', objects: [claim], more: { backups: known([]) }, want: 'lost' },
    { id: 'state', name: 'failed', more: running('Failed'), want: 'lost' },
    { id: 'state', name: 'under way is not judged', more: running('Updating'), want: 'not-applicable' },
    {
      id: 'crash-loops',
      name: 'one',
      more: running('Failed', [pod({}, { state: 'waiting', reason: 'CrashLoopBackOff' })]),
      want: 'lost',
    },
    { id: 'restarts', name: 'three', more: running('Paused', [pod({ restarts: 3 })]), want: 'partly' },
    { id: 'restarts', name: 'eleven', more: running('Paused', [pod({ restarts: 11 })]), want: 'lost' },
    {
      id: 'restarts',
      name: 'it runs nowhere',
      more: { running: unknown('It runs nowhere.') },
      want: 'unknown',
    },
  ];
  return rows;
}

describe('properties of the RE score', () => {
  const run = (property: (sample: Sample) => void) =>
    fc.assert(fc.property(samples, property), { numRuns: 300 });

  it('lies between 0 and 100, and its parts add up to it', () => {
    run((sample) => {
      const { value, criteria: parts } = scoreApplication(toFacts(sample));
      if (value === undefined) return;
      assert.ok(Number.isInteger(value) && value >= 0 && value <= 100);
      const earned = parts.reduce((sum, part) => sum + part.earned, 0);
      assert.ok(Math.abs(earned - value) < 2, `${earned} of ${value}`);
      for (const part of parts) {
        const lost = part.lost.reduce((sum, { points }) => sum + points, 0);
        assert.ok(Math.abs(part.points - part.earned - lost) < 0.1 * (part.lost.length + 2));
      }
    });
  });

  it('is the same for the same facts, in whatever order', () => {
    fc.assert(
      fc.property(samples, fc.infiniteStream(fc.nat()), (sample, random) => {
        const given = toFacts(sample);
        const keys = given.objects.map((object) => ({ object, key: random.next().value as number }));
        const objects = keys.sort((a, b) => a.key - b.key).map(({ object }) => object);
        const running = given.running.known
          ? known(given.running.value.map((fact) => ({ ...fact, pods: fact.pods.toReversed() })))
          : given.running;
        assert.deepEqual(
          scoreApplication({ ...given, objects: structuredClone(objects), running }),
          scoreApplication(given),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('never falls when something that it names is fixed, and rises by what was promised', () => {
    let mended = 0;
    run((sample) => {
      const given = toFacts(sample);
      const before = scoreApplication(given);
      for (const lost of before.lost) {
        if (!mendable(lost)) continue;
        const after = scoreApplication(mend(given, lost));
        mended += 1;
        assert.ok((after.value ?? 0) >= (before.value ?? 0), `${lost.criterion} of ${lost.object}`);
        const promised = of(before, lost.criterion).earned + lost.points;
        assert.ok(of(after, lost.criterion).earned >= promised - 0.2, `${lost.criterion}: ${promised}`);
      }
    });
    assert.ok(mended > 500, String(mended));
  });

  it('takes any JSON for an object', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            kind: fc.constantFrom('Deployment', 'Pod', 'Job', 'x'),
            metadata: fc.jsonValue(),
            spec: fc.jsonValue(),
          }),
        ),
        (objects) => {
          scoreApplication(facts(objects as unknown as KubernetesObject[]));
        },
      ),
    );
  });
});
