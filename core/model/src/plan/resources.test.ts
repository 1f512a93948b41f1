import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubernetesObject } from '../kubernetes.ts';
import { sumResources } from './resources.ts';

function deployment(spec: object): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec,
  } as unknown as KubernetesObject;
}
const limits = (cpu: string, memory: string) => ({ resources: { limits: { cpu, memory } } });

const cases: { name: string; objects: KubernetesObject[]; want: [number, number, number] }[] = [
  { name: 'nothing of nothing', objects: [], want: [0, 0, 0] },
  {
    name: 'limits of every container times the replicas',
    objects: [
      deployment({
        replicas: 3,
        template: { spec: { containers: [limits('500m', '128Mi'), limits('1', '64Mi')] } },
      }),
    ],
    want: [4500, 3 * 192 * 1024 ** 2, 0],
  },
  {
    name: 'one replica where none is said, and none where none is wanted',
    objects: [
      deployment({ template: { spec: { containers: [limits('1', '1Gi')] } } }),
      deployment({ replicas: 0, template: { spec: { containers: [limits('8', '8Gi')] } } }),
    ],
    want: [1000, 1024 ** 3, 0],
  },
  {
    name: 'requests where there is no limit',
    objects: [
      deployment({
        template: { spec: { containers: [{ resources: { requests: { cpu: '250m', memory: '1Mi' } } }] } },
      }),
    ],
    want: [250, 1024 ** 2, 0],
  },
  {
    name: 'an init container only where it needs more than all that follow',
    objects: [
      deployment({
        template: { spec: { initContainers: [limits('2', '8Mi')], containers: [limits('1', '16Mi')] } },
      }),
    ],
    want: [2000, 16 * 1024 ** 2, 0],
  },
  {
    name: 'claims, and those that a StatefulSet makes for each replica',
    objects: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data' },
        spec: { resources: { requests: { storage: '1Gi' } } },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'db' },
        spec: {
          replicas: 2,
          template: { spec: { containers: [] } },
          volumeClaimTemplates: [{ spec: { resources: { requests: { storage: '5Gi' } } } }],
        },
      },
    ] as unknown as KubernetesObject[],
    want: [0, 0, 11 * 1024 ** 3],
  },
];

describe('sumResources', () => {
  for (const { name, objects, want } of cases)
    it(`counts ${name}`, () => {
      const { cpuMillis, memoryBytes, storageBytes } = sumResources(objects);
      assert.deepEqual([cpuMillis, memoryBytes, storageBytes], want);
    });
});
