import fc from 'fast-check';
import type { JsonObject, KubernetesObject } from '../../kubernetes.ts';
import { asArray, asObject, fieldOf } from '../../workload/json-fields.ts';
import type { LostPoints } from '../score-application.ts';
import { known, type RunningFact, type ScoreFacts, unknown } from '../score-facts.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const names = ['web', 'db', 'worker'] as const;
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const container = fc.record({
  name: fc.constantFrom('main', 'sidecar', 'proxy'),
  image: fc.constantFrom('nginx', 'nginx:latest', 'nginx:1.28', `nginx:1.28@${digest}`),
  readinessProbe: maybe(fc.constant({ tcpSocket: { port: 1 } })),
  livenessProbe: maybe(fc.constant({ tcpSocket: { port: 1 } })),
  resources: maybe(
    fc.record({
      limits: fc.record({ cpu: maybe(fc.constant('1')), memory: maybe(fc.constant('1Gi')) }),
      requests: fc.record({ cpu: maybe(fc.constant('1')), memory: maybe(fc.constant('1Gi')) }),
    }),
  ),
  securityContext: maybe(
    fc.record({
      runAsUser: maybe(fc.constantFrom(0, 1000)),
      runAsNonRoot: maybe(fc.boolean()),
      readOnlyRootFilesystem: maybe(fc.boolean()),
      allowPrivilegeEscalation: maybe(fc.boolean()),
      privileged: maybe(fc.boolean()),
    }),
  ),
});

const workload = fc.record({
  kind: fc.constantFrom('Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod'),
  replicas: maybe(fc.integer({ min: 0, max: 4 })),
  containers: fc.array(container, { maxLength: 3 }),
  hostNetwork: maybe(fc.boolean()),
  claim: fc.boolean(),
});

const pod = fc.record({
  component: fc.constantFrom(...names),
  restarts: fc.integer({ min: 0, max: 20 }),
  looping: fc.boolean(),
});

/** What an Application may look like. */
export const samples = fc.record({
  workloads: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), workload), {
    selector: ([name, { kind }]) => `${kind}/${name}`,
    maxLength: 4,
  }),
  budgets: fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(0, 1)), { maxLength: 2 }),
  used: fc.constantFrom('1.0.0', '1.2.0', '2.0.0', '2.1.0'),
  people: fc.integer({ min: 0, max: 3 }),
  backups: fc.boolean(),
  state: fc.constantFrom<RunningFact['state'][]>('Running', 'Failed', 'Degraded', 'Updating', 'Paused'),
  pods: fc.uniqueArray(pod, { selector: ({ component }) => component, maxLength: 3 }),
  runs: fc.boolean(),
});
export type Sample = typeof samples extends fc.Arbitrary<infer T> ? T : never;

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as KubernetesObject;

/** A sample as facts. */
export function toFacts(sample: Sample): ScoreFacts {
  const objects = sample.workloads.flatMap(([name, { kind, replicas, containers, claim, hostNetwork }]) => {
    const labels = { app: name };
    const podSpec = {
      containers,
      hostNetwork,
      ...(claim ? { volumes: [{ persistentVolumeClaim: { claimName: name } }] } : {}),
    };
    const object = plain({
      apiVersion: 'v1',
      kind,
      metadata: { name, labels },
      spec: kind === 'Pod' ? podSpec : { replicas, template: { metadata: { labels }, spec: podSpec } },
    });
    const spec = { accessModes: ['ReadWriteOnce'] };
    return claim
      ? [object, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec }]
      : [object];
  });
  const budgets = sample.budgets.map(([app, maxUnavailable], at) => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: `${app}-${at}` },
    spec: { maxUnavailable, selector: { matchLabels: { app } } },
  }));
  const pods = sample.pods.map(({ component, restarts, looping }) => ({
    name: `${component}-1`,
    component,
    phase: 'Running',
    ready: true,
    restarts,
    containers: [
      {
        name: 'main',
        image: 'nginx',
        init: false,
        restarts,
        ...(looping ? { state: 'waiting', reason: 'CrashLoopBackOff' } : { state: 'running' }),
      },
    ],
  }));
  return {
    objects: [...objects, ...budgets],
    blueprint: 'bp-sample',
    configSchema: { properties: { replicas: {}, resources: { properties: { cpu: {} } } } },
    freshness: known({ used: sample.used, newest: '2.1.0', next: '2.1.0' }),
    owners: known({ handles: ['@acme/web'], people: sample.people }),
    backups: sample.backups ? known([]) : unknown('Nobody knows.'),
    running: sample.runs
      ? known([{ environment: 'acme-dev', state: sample.state, pods }])
      : unknown('It runs nowhere.'),
  };
}

type Mend = (facts: ScoreFacts, object: string) => ScoreFacts;

const mapContainers =
  (change: (container: JsonObject) => JsonObject, inPod: JsonObject = {}): Mend =>
  (facts, title) => ({
    ...facts,
    objects: facts.objects.map((object) => {
      if (`${object.kind} ${object.metadata.name}` !== title) return object;
      const mendPod = (spec: JsonObject): JsonObject => ({
        ...spec,
        ...inPod,
        containers: asArray(spec.containers).map((item) => change(asObject(item) ?? {})),
      });
      const spec = (object.spec ?? {}) as JsonObject;
      if (object.kind === 'Pod') return { ...object, spec: mendPod(spec) };
      const template = asObject(spec.template) ?? {};
      return {
        ...object,
        spec: { ...spec, template: { ...template, spec: mendPod(asObject(template.spec) ?? {}) } },
      };
    }),
  });
const inSecurity = (more: JsonObject) =>
  mapContainers((item) => ({
    ...item,
    securityContext: { ...asObject(item.securityContext), ...more },
  }));
const inResources = (field: 'limits' | 'requests') =>
  mapContainers((item) => ({
    ...item,
    resources: { ...asObject(item.resources), [field]: { cpu: '1', memory: '1Gi' } },
  }));
const inRunning =
  (change: (fact: RunningFact) => RunningFact): Mend =>
  (facts) =>
    facts.running.known ? { ...facts, running: known(facts.running.value.map(change)) } : facts;

/** How each kind of loss is made good, at the object that it names. */
const mends: Readonly<Record<string, Mend>> = {
  replicas: (facts, title) => ({
    ...facts,
    objects: facts.objects.map((object) =>
      `${object.kind} ${object.metadata.name}` === title
        ? { ...object, spec: { ...(object.spec as JsonObject), replicas: 2 } }
        : object,
    ),
  }),
  'disruption-budget': (facts, title) => ({
    ...facts,
    objects: [
      ...facts.objects.map((object) =>
        `${object.kind} ${object.metadata.name}` === title
          ? {
              ...object,
              spec: {
                ...(object.spec as JsonObject),
                replicas: Math.max(2, Number(fieldOf(object.spec, 'replicas') ?? 1)),
              },
            }
          : object,
      ),
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'mended' },
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: title.split(' ')[1] ?? '' } } },
      },
    ],
  }),
  readiness: mapContainers((item) => ({ ...item, readinessProbe: { tcpSocket: { port: 1 } } })),
  liveness: mapContainers((item) => ({ ...item, livenessProbe: { tcpSocket: { port: 1 } } })),
  limits: inResources('limits'),
  requests: inResources('requests'),
  'non-root': inSecurity({ runAsNonRoot: true, runAsUser: 1000 }),
  'read-only-root': inSecurity({ readOnlyRootFilesystem: true }),
  privileges: mapContainers(
    (item) => ({
      ...item,
      securityContext: {
        ...asObject(item.securityContext),
        allowPrivilegeEscalation: false,
        privileged: false,
      },
    }),
    { hostNetwork: false },
  ),
  image: mapContainers((item) => ({ ...item, image: `nginx@${digest}` })),
  freshness: (facts) => ({ ...facts, freshness: known({ used: '2.1.0', newest: '2.1.0' }) }),
  ownership: (facts) => ({ ...facts, owners: known({ handles: ['@acme/web'], people: 2 }) }),
  backups: (facts, claim) =>
    facts.backups.known ? { ...facts, backups: known([...facts.backups.value, claim]) } : facts,
  state: inRunning((fact) => ({ ...fact, state: 'Running' })),
  'crash-loops': inRunning((fact) => ({
    ...fact,
    pods: fact.pods.map((item) => ({
      ...item,
      containers: item.containers.map(({ reason, ...rest }) => ({ ...rest, state: 'running' })),
    })),
  })),
  restarts: inRunning((fact) => ({ ...fact, pods: fact.pods.map((item) => ({ ...item, restarts: 0 })) })),
};

/** Whether it can be made good by what is known here: a Pod of its own becomes no Deployment. */
export function mendable({ criterion, object }: LostPoints): boolean {
  return !(object.startsWith('Pod ') && ['replicas', 'disruption-budget'].includes(criterion));
}

/** The facts after one fix. */
export function mend(facts: ScoreFacts, { criterion, object }: LostPoints): ScoreFacts {
  const found = mends[criterion];
  if (!found) throw new Error(`nobody knows how to mend ${criterion}`);
  return found(facts, object);
}
