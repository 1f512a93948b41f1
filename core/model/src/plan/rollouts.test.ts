import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubernetesObject } from '../kubernetes.ts';
import { planDataRisks } from './data-risks.ts';
import type { RenderedState } from './rendered-state.ts';
import { planRollouts } from './restarts.ts';

type Parts = Record<string, unknown>;

function object(kind: string, name: string, more: Parts): KubernetesObject {
  const apiVersion = ['Deployment', 'StatefulSet'].includes(kind)
    ? 'apps/v1'
    : kind === 'Job'
      ? 'batch/v1'
      : 'v1';
  return { apiVersion, kind, metadata: { name }, ...more } as unknown as KubernetesObject;
}

const container = (more: Parts = {}) => ({ name: 'web', image: 'web:1', ...more });
const workload = (kind: string, pod: Parts = {}, spec: Parts = {}) =>
  object(kind, 'web', { spec: { template: { spec: { containers: [container()], ...pod } }, ...spec } });
const claim = (size: string, mode = 'ReadWriteOnce') =>
  object('PersistentVolumeClaim', 'data', {
    spec: { accessModes: [mode], resources: { requests: { storage: size } } },
  });
const mounting = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
const state = (objects: KubernetesObject[], more: Partial<RenderedState> = {}): RenderedState => ({
  application: 'shop',
  objects,
  paused: false,
  hosts: ['shop.acme-dev.localhost'],
  ...more,
});
const image = (name: string) => ({ containers: [container({ image: name })] });
const config = (text: string) => object('ConfigMap', 'settings', { data: { a: text, b: 'same' } });
const reading = (key: string) => ({
  containers: [
    container({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key } } }] }),
  ],
});
const imported = (path: string) =>
  object('ExternalSecret', 'db', {
    spec: { target: { name: 'db' }, dataFrom: [{ extract: { key: path } }] },
  });
const withSecret = {
  containers: [
    container({ env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] }),
  ],
};

const cases: {
  name: string;
  before: RenderedState | null;
  after: RenderedState | null;
  want: string[];
  others?: RegExp;
}[] = [
  {
    name: 'nothing where nothing changes',
    before: state([workload('Deployment')]),
    after: state([workload('Deployment')]),
    want: [],
  },
  {
    name: 'a rolling update without interruption',
    before: state([workload('Deployment')]),
    after: state([workload('Deployment', image('web:2'))]),
    want: ['rolling'],
  },
  {
    name: 'in place, because two Pods may not write one volume',
    before: state([claim('1Gi'), workload('Deployment', mounting)]),
    after: state([claim('1Gi'), workload('Deployment', { ...mounting, ...image('web:2') })]),
    want: ['in-place, interrupted'],
  },
  {
    name: 'rolling on a volume that many may write',
    before: state([claim('1Gi', 'ReadWriteMany'), workload('Deployment', mounting)]),
    after: state([claim('1Gi', 'ReadWriteMany'), workload('Deployment', { ...mounting, ...image('web:2') })]),
    want: ['rolling'],
  },
  {
    name: 'in place where the strategy is Recreate',
    before: state([workload('Deployment', {}, { strategy: { type: 'Recreate' } })]),
    after: state([workload('Deployment', image('web:2'), { strategy: { type: 'Recreate' } })]),
    want: ['in-place, interrupted'],
  },
  {
    name: 'a StatefulSet of one, interrupted',
    before: state([workload('StatefulSet')]),
    after: state([workload('StatefulSet', image('web:2'))]),
    want: ['in-place, interrupted'],
  },
  {
    name: 'a StatefulSet of three, one after the other',
    before: state([workload('StatefulSet', {}, { replicas: 3 })]),
    after: state([workload('StatefulSet', image('web:2'), { replicas: 3 })]),
    want: ['in-place'],
  },
  {
    name: 'a restart for a changed value that it reads',
    before: state([config('1'), workload('Deployment', reading('a'))]),
    after: state([config('2'), workload('Deployment', reading('a'))]),
    want: ['rolling'],
  },
  {
    name: 'no restart for a changed value that it does not read',
    before: state([config('1'), workload('Deployment', reading('b'))]),
    after: state([config('2'), workload('Deployment', reading('b'))]),
    want: [],
  },
  {
    name: 'no restart for what the engine does not run',
    before: state([workload('Deployment')]),
    after: state([workload('Deployment', { serviceAccountName: 'other', nodeSelector: { disk: 'ssd' } })]),
    want: [],
  },
  {
    name: 'no restart while an imported Secret stays where it is',
    before: state([imported('shop/db'), workload('Deployment', withSecret)]),
    after: state([imported('shop/db'), workload('Deployment', withSecret)]),
    want: [],
  },
  {
    name: 'a restart where a Secret is imported from elsewhere',
    before: state([imported('shop/db'), workload('Deployment', withSecret)]),
    after: state([imported('shop/other'), workload('Deployment', withSecret)]),
    want: ['rolling'],
  },
  {
    name: 'a restart that was asked for',
    before: state([workload('Deployment')]),
    after: state([workload('Deployment')], { restartedAt: '2030-01-01T00:00:00Z' }),
    want: ['rolling'],
  },
  {
    name: 'a stop by a pause',
    before: state([workload('Deployment')]),
    after: state([workload('Deployment')], { paused: true }),
    want: ['stopped, interrupted'],
  },
  {
    name: 'a stop by uninstalling',
    before: state([workload('Deployment')]),
    after: null,
    want: ['stopped, interrupted'],
  },
  {
    name: 'a stop of what is no longer there',
    before: state([workload('Deployment')]),
    after: state([]),
    want: ['stopped, interrupted'],
  },
  {
    name: 'nothing to a paused Application',
    before: state([workload('Deployment')], { paused: true }),
    after: state([workload('Deployment', image('web:2'))], { paused: true }),
    want: [],
  },
  {
    name: 'a start after a pause in words',
    before: state([workload('Deployment')], { paused: true }),
    after: state([workload('Deployment')]),
    want: [],
    others: /start again/,
  },
  {
    name: 'more Pods without touching those that run',
    before: state([workload('Deployment')]),
    after: state([workload('Deployment', {}, { replicas: 3 })]),
    want: [],
    others: /grows from 1 to 3/,
  },
  {
    name: 'a Job that runs again in words',
    before: state([workload('Job')]),
    after: state([workload('Job', image('web:2'))]),
    want: [],
    others: /runs again/,
  },
];

describe('planRollouts', () => {
  for (const { name, before, after, want, others } of cases)
    it(`tells ${name}`, () => {
      const rollouts = planRollouts(before, after);
      assert.deepEqual(
        rollouts.restarts.map(({ how, interruption }) => (interruption ? `${how}, interrupted` : how)),
        want,
      );
      if (others) assert.match(rollouts.others.join(' '), others);
      else assert.deepEqual(rollouts.others, []);
    });
});

const templated = (size: string, replicas = 1) =>
  workload(
    'StatefulSet',
    {},
    {
      replicas,
      volumeClaimTemplates: [
        { metadata: { name: 'data' }, spec: { resources: { requests: { storage: size } } } },
      ],
    },
  );

describe('planDataRisks', () => {
  const risks: {
    name: string;
    before: KubernetesObject[];
    after: KubernetesObject[] | null;
    deleted?: string[];
    upgrade?: boolean;
    want: string[];
  }[] = [
    { name: 'nothing where volumes stay or grow', before: [claim('1Gi')], after: [claim('2Gi')], want: [] },
    {
      name: 'a volume that is kept when its claim goes',
      before: [claim('1Gi')],
      after: [],
      want: ['notice data'],
    },
    {
      name: 'the volumes that a shrinking StatefulSet leaves behind',
      before: [templated('1Gi', 2)],
      after: [templated('1Gi', 1)],
      want: ['notice data-web-1'],
    },
    {
      name: 'a claim that cannot shrink',
      before: [claim('2Gi')],
      after: [claim('1Gi')],
      want: ['warning data'],
    },
    {
      name: 'a changed template, of which existing volumes hear nothing',
      before: [templated('2Gi')],
      after: [templated('1Gi')],
      want: ['warning data-web-0'],
    },
    {
      name: 'a changed access mode',
      before: [claim('1Gi')],
      after: [claim('1Gi', 'ReadWriteMany')],
      want: ['warning data'],
    },
    {
      name: 'data that is deleted by name, and the rest that is kept',
      before: [claim('1Gi'), templated('1Gi')],
      after: null,
      deleted: ['data'],
      want: ['loss data', 'notice data-web-0'],
    },
    {
      name: 'that an upgrade of what has data wants a backup',
      before: [claim('1Gi')],
      after: [claim('1Gi')],
      upgrade: true,
      want: ['warning data'],
    },
    { name: 'nothing about an upgrade of what has no data', before: [], after: [], upgrade: true, want: [] },
  ];
  for (const { name, before, after, deleted, upgrade, want } of risks)
    it(`names ${name}`, () => {
      const found = planDataRisks(before, after, {
        ...(deleted ? { deleted } : {}),
        ...(upgrade ? { upgrade: { from: '1.0.0', to: '1.1.0' } } : {}),
      });
      assert.deepEqual(
        found.map(({ severity, what }) => `${severity} ${what}`),
        want,
      );
    });
});
