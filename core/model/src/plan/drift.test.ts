import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ObjectObserved, ReleaseStatus } from '../events/cloud-event.ts';
import type { KubernetesObject } from '../kubernetes.ts';
import { type DriftFacts, findDrift } from './drift.ts';

const head = 'a'.repeat(40);
const earlier = 'b'.repeat(40);

function deployment(image: string, replicas = 1): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas, template: { spec: { containers: [{ name: 'web', image }] } } },
  } as unknown as KubernetesObject;
}
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: {},
} as KubernetesObject;

function observed(kind: string, status: ObjectObserved['status'] = {}): ObjectObserved {
  const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1';
  return {
    environment: 'acme-dev',
    application: 'shop',
    namespace: 'shop',
    apiVersion,
    kind,
    name: 'web',
    status,
  };
}

function status(appliedRevision: string | undefined, ready: 'True' | 'False' = 'True'): ReleaseStatus {
  const condition = {
    type: 'Ready',
    status: ready,
    reason: 'x',
    message: 'The image is not there.',
    lastTransitionTime: '',
  };
  return { ...(appliedRevision === undefined ? {} : { appliedRevision }), ready: condition } as ReleaseStatus;
}

const agreeing: DriftFacts = {
  application: 'shop',
  head,
  paused: false,
  rendered: [deployment('web:1'), service],
  applied: [deployment('web:1'), service],
  status: status(head),
  observed: [observed('Deployment', { readyReplicas: 1 }), observed('Service')],
};

const cases: { name: string; facts: Partial<DriftFacts>; want: string[]; words?: RegExp }[] = [
  { name: 'nothing where all agree', facts: {}, want: [] },
  { name: 'nothing of what the engine has not spoken about yet', facts: { status: undefined }, want: [] },
  {
    name: 'which fields an earlier commit has otherwise, and why it still runs',
    facts: { applied: [deployment('web:0'), service], status: status(earlier, 'False') },
    want: ['Application/shop', 'Deployment/web'],
    words: /bbbbbbb.*aaaaaaa.*image is not there.*containers\[web\]\.image/s,
  },
  {
    name: 'that nothing runs yet',
    facts: { applied: undefined, status: status(undefined, 'False') },
    want: ['Application/shop'],
  },
  {
    name: 'what runs and the branch has no more, and the other way round',
    facts: { applied: [service], rendered: [deployment('web:1')], status: status(earlier) },
    want: ['Application/shop', 'Deployment/web', 'Service/web'],
  },
  {
    name: 'a Pod that is missing',
    facts: { observed: [observed('Deployment', { readyReplicas: 0 }), observed('Service')] },
    want: ['Deployment/web'],
    words: /0 of 1.*repairs/,
  },
  {
    name: 'an object that is missing',
    facts: { observed: [observed('Service')] },
    want: ['Deployment/web'],
    words: /not there/,
  },
  {
    name: 'an object that nobody asked for',
    facts: { rendered: [deployment('web:1')] },
    want: ['Service/web'],
    words: /does not have it/,
  },
  { name: 'nothing of what is paused', facts: { paused: true, observed: [] }, want: [] },
  {
    name: 'nothing more where the head does not render',
    facts: { rendered: undefined, status: status(earlier) },
    want: ['Application/shop'],
  },
];

describe('findDrift', () => {
  for (const { name, facts, want, words } of cases)
    it(`tells ${name}`, () => {
      const drift = findDrift({ ...agreeing, ...facts });
      assert.deepEqual(
        drift.map((one) => `${one.kind}/${one.name}`),
        want,
      );
      if (words) assert.match(drift.map(({ message }) => message).join('\n'), words);
    });
});
