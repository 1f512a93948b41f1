import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideReady, type WorkloadProgress } from './release-condition.ts';

const workload = (kind: string, desired: number, more: Partial<WorkloadProgress> = {}): WorkloadProgress => ({
  kind,
  name: kind.toLowerCase(),
  ready: desired,
  desired,
  done: true,
  troubles: [],
  stalledSeconds: 0,
  progressDeadlineSeconds: 600,
  ...more,
});

describe('the condition of a release that wants no Pods', () => {
  for (const { name, workloads, want } of [
    { name: 'a Deployment at zero', workloads: [workload('Deployment', 0)], want: ['True', 'ScaledToZero'] },
    {
      name: 'a StatefulSet at zero',
      workloads: [workload('StatefulSet', 0)],
      want: ['True', 'ScaledToZero'],
    },
    {
      name: 'all of them at zero, beside a Job that has ended',
      workloads: [workload('Deployment', 0), workload('StatefulSet', 0), workload('Job', 0)],
      want: ['True', 'ScaledToZero'],
    },
    {
      name: 'one that is not at zero is something that runs',
      workloads: [workload('Deployment', 0), workload('StatefulSet', 1)],
      want: ['True', 'Ready'],
    },
    { name: 'nothing that could be scaled', workloads: [workload('Job', 0)], want: ['True', 'Ready'] },
    { name: 'nothing at all', workloads: [], want: ['True', 'Ready'] },
    {
      name: 'on its way down, its last Pods still go',
      workloads: [workload('Deployment', 0, { ready: 1, done: false })],
      want: ['Unknown', 'Progressing'],
    },
    {
      name: 'at zero, and a Job failed',
      workloads: [
        workload('Deployment', 0),
        workload('Job', 0, { done: false, failed: 'it failed 7 times' }),
      ],
      want: ['False', 'JobFailed'],
    },
  ])
    it(name, () => {
      const { status, reason } = decideReady(workloads, true);
      assert.deepEqual([status, reason], want);
    });

  it('does not say that nothing runs where a Pod of its own does', () => {
    const { reason, message } = decideReady([workload('Deployment', 0), workload('Pod', 1)], true);
    assert.equal(reason, 'ScaledToZero');
    assert.doesNotMatch(message, /nothing runs/);
  });
});
