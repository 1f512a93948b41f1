import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { planRollouts } from '@catalyst/model/plan/restarts.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import { withoutSecrets } from '@catalyst/model/workload/namespace-content.ts';
import fc from 'fast-check';
import { resolveConfig } from './namespace-config.ts';
import { defineRelease, type ReleaseDefinition } from './release-definition.ts';

/** What one Application is made of; each field is something that a change may touch. */
const shape = fc.record({
  image: fc.constantFrom('web:1', 'web:2'),
  replicas: fc.integer({ min: 1, max: 3 }),
  kind: fc.constantFrom('Deployment' as const, 'StatefulSet' as const),
  setting: fc.constantFrom('a', 'b'),
  unread: fc.constantFrom('a', 'b'),
  secret: fc.constantFrom('czE=', 'czI='),
  imported: fc.constantFrom('shop/db', 'shop/other'),
  annotation: fc.constantFrom('x', 'y'),
  node: fc.constantFrom('ssd', 'disk'),
  grace: fc.constantFrom(10, 30),
  strategy: fc.constantFrom('RollingUpdate', 'Recreate'),
  claim: fc.constantFrom('none', 'ReadWriteOnce', 'ReadWriteMany'),
  host: fc.constantFrom('shop.acme-dev.localhost', 'shop.example.net'),
  restartedAt: fc.constantFrom(undefined, '2030-01-01T00:00:00Z'),
});
type Shape = typeof shape extends fc.Arbitrary<infer Value> ? Value : never;

function objectsOf(of: Shape): KubernetesObject[] {
  const meta = (name: string, more = {}) => ({ metadata: { name, ...more } });
  const env = [
    { name: 'SETTING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'read' } } },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 'token' } } },
    { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
  ];
  const volumes = of.claim === 'none' ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const template = {
    metadata: { labels: { app: 'web' }, annotations: { note: of.annotation } },
    spec: {
      nodeSelector: { disk: of.node },
      terminationGracePeriodSeconds: of.grace,
      containers: [{ name: 'web', image: of.image, env }],
      volumes,
    },
  };
  const rule = {
    host: of.host,
    http: { paths: [{ path: '/', backend: { service: { name: 'web', port: { number: 80 } } } }] },
  };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', ...meta('settings'), data: { read: of.setting, not: of.unread } },
    { apiVersion: 'v1', kind: 'Secret', ...meta('token'), data: { token: of.secret } },
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      ...meta('db'),
      spec: { target: { name: 'db' }, dataFrom: [{ extract: { key: of.imported } }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      ...meta('web'),
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    },
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', ...meta('web'), spec: { rules: [rule] } },
    ...(of.claim === 'none'
      ? []
      : [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            ...meta('data'),
            spec: { accessModes: [of.claim], resources: { requests: { storage: '1Gi' } } },
          },
        ]),
    {
      apiVersion: 'apps/v1',
      kind: of.kind,
      ...meta('web'),
      spec: { replicas: of.replicas, strategy: { type: of.strategy }, template },
    },
  ] as unknown as KubernetesObject[];
}

const hosts = ['shop.acme-dev.localhost'];
const secrets = {
  read: async (path: string) => ({ values: { password: `of ${path}` } }) as never,
};

async function defined(of: Shape): Promise<ReleaseDefinition['workloads'][number]> {
  const objects = objectsOf(of);
  const sources = await resolveConfig(objects, { environment: 'acme-dev', application: 'shop', secrets });
  assert.ok(sources.ok);
  const { restartedAt } = of;
  const declaration = {
    application: 'shop',
    ...(restartedAt ? { restartedAt } : {}),
  } as ApplicationDeclaration;
  const rendered = { objects, values: {}, releaseHash: '' };
  const release = defineRelease({ revision: 'r', declaration, rendered, sources: sources.value, hosts });
  assert.ok(release.ok);
  const [workload] = release.value.workloads;
  assert.ok(workload);
  return workload;
}

/** As planning gets it: without the values of Secrets. */
function planned(of: Shape) {
  const objects = objectsOf(of).map((object) => withoutSecrets(object, (value) => btoa(`sealed ${value}`)));
  const { restartedAt } = of;
  return { application: 'shop', objects, paused: false, hosts, ...(restartedAt ? { restartedAt } : {}) };
}

describe('a plan and the engine', () => {
  it('agree on which Pods are replaced, and on whether the old ones go first', async () => {
    // One or two fields change at a time: where everything does, agreeing is no merit.
    const change = fc.tuple(shape, shape, fc.subarray(Object.keys(shapeKeys()), { maxLength: 2 }));
    await fc.assert(
      fc.asyncProperty(change, async ([before, other, fields]) => {
        const picked = Object.fromEntries(Object.entries(other).filter(([field]) => fields.includes(field)));
        const after = { ...before, ...picked, kind: before.kind } as Shape;
        const [was, is] = [await defined(before), await defined(after)];
        const [restart] = planRollouts(planned(before), planned(after)).restarts;
        assert.equal(restart !== undefined, was.template.hash !== is.template.hash, JSON.stringify(picked));
        if (restart && before.kind === 'Deployment') assert.equal(restart.how === 'in-place', is.inPlace);
      }),
      { numRuns: 500 },
    );
  });
});

function shapeKeys(): Record<keyof Shape, true> {
  return {
    image: true,
    replicas: true,
    kind: true,
    setting: true,
    unread: true,
    secret: true,
    imported: true,
    annotation: true,
    node: true,
    grace: true,
    strategy: true,
    claim: true,
    host: true,
    restartedAt: true,
  };
}
