import assert from 'node:assert/strict';
import test from 'node:test';
import type { PlannedApplication, Resources } from '@catalyst/model/views/plan.ts';
import { resourceChanges, resourcesOfPlan } from './resource-changes.ts';

const of = (cpuMillis: number, memoryMib: number, storageMib = 0): Resources => ({
  cpuMillis,
  memoryBytes: memoryMib * 1024 ** 2,
  storageBytes: storageMib * 1024 ** 2,
});
const part = (change: PlannedApplication['change'], resources: Resources, resourcesBefore?: Resources) =>
  ({ change, resources, ...(resourcesBefore ? { resourcesBefore } : {}) }) as PlannedApplication;

test('a change names both sides and the difference; what is zero twice is left out', () => {
  assert.deepEqual(resourceChanges(of(250, 512), of(500, 512)), [
    { name: 'Processor', before: '0.25 CPU', after: '0.5 CPU', delta: '+0.25 CPU', grows: true },
    { name: 'Memory', before: '512 MiB', after: '512 MiB', grows: false },
  ]);
  assert.deepEqual(resourceChanges(of(0, 0), of(2000, 0)), [
    { name: 'Processor', after: '2 CPU', grows: true },
  ]);
  assert.equal(resourceChanges(of(500, 0), of(100, 0))[0]?.delta, '−0.4 CPU');
});

test('without totals of the server, parts are added up; what is used as it is does not count', () => {
  const applications = [
    part('create', of(100, 1)),
    part('change', of(300, 3), of(200, 2)),
    part('remove', of(0, 0), of(50, 5, 7)),
    part('use', of(900, 9)),
  ];
  assert.deepEqual(resourcesOfPlan({ applications }), { before: of(250, 7, 7), after: of(400, 4) });
});

test('totals of the server win', () => {
  const resources = { before: of(1, 1), after: of(2, 2) };
  assert.deepEqual(resourcesOfPlan({ applications: [], resources }), resources);
});
