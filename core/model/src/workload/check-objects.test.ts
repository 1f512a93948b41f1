import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KubernetesObject } from '../kubernetes.ts';
import { checkObjects, classifyObject } from './object-classes.ts';

const context = { namespace: 'shop', hosts: ['shop.acme-dev.localhost'] };
const pod = (spec: object, container: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'x', ...container }], ...spec } as never,
});
const object = (apiVersion: string, kind: string, more: object = {}, name = 'o'): KubernetesObject =>
  ({ apiVersion, kind, metadata: { name }, ...more }) as KubernetesObject;

describe('what one machine refuses', () => {
  const cases: { name: string; given: KubernetesObject; code: string; field: RegExp }[] = [
    {
      name: 'privileges',
      given: pod({}, { securityContext: { privileged: true } }),
      code: 'Forbidden',
      field: /privileged/,
    },
    {
      name: 'privileges that only look false',
      given: pod({}, { securityContext: { privileged: 'false' } }),
      code: 'Forbidden',
      field: /privileged/,
    },
    {
      name: 'added capabilities',
      given: pod({}, { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }),
      code: 'Forbidden',
      field: /capabilities/,
    },
    {
      name: 'an unconfined profile',
      given: pod({ securityContext: { seccompProfile: { type: 'Unconfined' } } }),
      code: 'Forbidden',
      field: /seccomp/,
    },
    {
      name: 'host paths',
      given: pod({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
      code: 'Forbidden',
      field: /hostPath/,
    },
    {
      name: "a Service that would take the full name of another Application's",
      given: object('v1', 'Service', { spec: { selector: { a: 'b' } } }, 'mysql.blog-db'),
      code: 'InvalidName',
      field: /metadata\.name/,
    },
    { name: 'the host network', given: pod({ hostNetwork: true }), code: 'Forbidden', field: /hostNetwork/ },
    { name: 'host processes', given: pod({ hostPID: true }), code: 'Forbidden', field: /hostPID/ },
    { name: 'host IPC', given: pod({ hostIPC: true }), code: 'Forbidden', field: /hostIPC/ },
    {
      name: 'host ports',
      given: pod({}, { ports: [{ containerPort: 1, hostPort: 80 }] }),
      code: 'Forbidden',
      field: /hostPort/,
    },
    {
      name: 'devices',
      given: pod({}, { volumeDevices: [{ name: 'd', devicePath: '/dev/x' }] }),
      code: 'Forbidden',
      field: /volumeDevices/,
    },
    {
      name: 'GPUs',
      given: pod({}, { resources: { limits: { 'nvidia.com/gpu': 1 } } }),
      code: 'NeedsKubernetes',
      field: /gpu/,
    },
    {
      name: 'an unknown kind of volume',
      given: pod({ volumes: [{ name: 'v', nfs: {} }] }),
      code: 'NeedsKubernetes',
      field: /nfs/,
    },
    {
      name: 'a mount path that climbs',
      given: pod({}, { volumeMounts: [{ name: 'v', mountPath: '/a/../../b' }] }),
      code: 'Invalid',
      field: /mountPath/,
    },
    {
      name: 'a subPath that climbs',
      given: pod({}, { volumeMounts: [{ name: 'v', mountPath: '/a', subPath: '../x' }] }),
      code: 'Invalid',
      field: /subPath/,
    },
    {
      name: 'what is hidden in an init container',
      given: pod({ initContainers: [{ name: 'i', image: 'x', securityContext: { privileged: true } }] }),
      code: 'Forbidden',
      field: /initContainers\[0\]/,
    },
    {
      name: 'what is hidden in a template',
      given: object('apps/v1', 'Deployment', {
        spec: { template: { spec: { hostNetwork: true, containers: [{ name: 'c', image: 'x' }] } } },
      }),
      code: 'Forbidden',
      field: /Deployment\/o: spec.hostNetwork/,
    },
    {
      name: 'an image that is an option',
      given: pod({}, { image: '--help' }),
      code: 'Invalid',
      field: /image/,
    },
    {
      name: 'ClusterRoles',
      given: object('rbac.authorization.k8s.io/v1', 'ClusterRole'),
      code: 'NeedsKubernetes',
      field: /kind/,
    },
    {
      name: 'CronJobs, which would not be run',
      given: object('batch/v1', 'CronJob'),
      code: 'NeedsKubernetes',
      field: /kind/,
    },
    {
      name: 'a kind of another group',
      given: object('evil.example/v1', 'Deployment'),
      code: 'NeedsKubernetes',
      field: /kind/,
    },
    {
      name: 'other namespaces',
      given: { ...object('v1', 'ConfigMap'), metadata: { name: 'o', namespace: 'other' } },
      code: 'ForeignNamespace',
      field: /namespace/,
    },
    {
      name: 'a Namespace of another name',
      given: object('v1', 'Namespace'),
      code: 'ForeignNamespace',
      field: /name/,
    },
    {
      name: 'a Service that leads outside',
      given: object('v1', 'Service', { spec: { type: 'ExternalName' } }),
      code: 'NeedsKubernetes',
      field: /type/,
    },
    {
      name: 'hosts of others',
      given: object('networking.k8s.io/v1', 'Ingress', { spec: { rules: [{ host: 'console.localhost' }] } }),
      code: 'ForeignHost',
      field: /host/,
    },
    {
      name: 'secrets of others',
      given: object('external-secrets.io/v1', 'ExternalSecret', {
        spec: { dataFrom: [{ extract: { key: 'blog/db' } }] },
      }),
      code: 'ForeignSecret',
      field: /key/,
    },
    {
      name: 'secrets of others by a climbing path',
      given: object('external-secrets.io/v1', 'ExternalSecret', {
        spec: { dataFrom: [{ extract: { key: 'shop/../blog/db' } }] },
      }),
      code: 'ForeignSecret',
      field: /key/,
    },
    {
      name: 'unbounded replicas',
      given: object('apps/v1', 'Deployment', {
        spec: { replicas: 1e9, template: { spec: { containers: [{ name: 'c', image: 'x' }] } } },
      }),
      code: 'Invalid',
      field: /replicas/,
    },
    {
      name: 'names off the rules',
      given: { ...object('v1', 'ConfigMap'), metadata: { name: '../x' } },
      code: 'InvalidName',
      field: /name/,
    },
  ];
  for (const { name, given, code, field } of cases)
    it(`refuses ${name}`, () => {
      const [problem] = checkObjects([given], context);
      assert.equal(problem?.code, code);
      assert.match(problem?.field ?? '', field);
      assert.match(problem?.message ?? '', new RegExp(`^${given.kind}/`));
    });

  it('refuses the same object twice', () =>
    assert.equal(checkObjects([pod({}), pod({})], context)[0]?.code, 'Duplicate'));

  it('refuses an exclusive claim for several Pods', () => {
    const claim = object(
      'v1',
      'PersistentVolumeClaim',
      { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
      'data',
    );
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
    const spec = { replicas: 2, template: { spec: { volumes, containers: [{ name: 'c', image: 'x' }] } } };
    assert.equal(
      checkObjects([claim, object('apps/v1', 'Deployment', { spec })], context)[0]?.code,
      'SharedVolume',
    );
    assert.deepEqual(
      checkObjects([claim, object('apps/v1', 'Deployment', { spec: { ...spec, replicas: 1 } })], context),
      [],
    );
  });

  it('accepts what is harmless, and says what it does not enforce', () => {
    const objects = [
      pod({
        automountServiceAccountToken: false,
        securityContext: { fsGroup: 1, seccompProfile: { type: 'RuntimeDefault' } },
      }),
      object('v1', 'ServiceAccount'),
      object('networking.k8s.io/v1', 'NetworkPolicy'),
      { ...object('v1', 'Namespace'), metadata: { name: 'shop' } },
    ];
    assert.deepEqual(checkObjects(objects, context), []);
    assert.deepEqual(objects.map(classifyObject), ['run', 'accepted', 'accepted', 'accepted']);
  });

  it('survives any JSON where an object should be', () => {
    const kinds = fc.constantFrom(
      ['apps/v1', 'Deployment'],
      ['v1', 'Pod'],
      ['v1', 'Service'],
      ['networking.k8s.io/v1', 'Ingress'],
      ['batch/v1', 'Job'],
      ['external-secrets.io/v1', 'ExternalSecret'],
      ['v1', 'Secret'],
      ['v1', 'ConfigMap'],
    );
    fc.assert(
      fc.property(kinds, fc.jsonValue(), fc.jsonValue(), ([apiVersion = '', kind = ''], spec, data) => {
        checkObjects([object(apiVersion, kind, { spec, data })], context);
      }),
    );
  });
});
