import assert from 'node:assert/strict';
import test from 'node:test';
import type { PodView } from '@catalyst/model/views/application-view.ts';
import { podToRead } from './pod-to-read.ts';

const pod = (name: string, change: Partial<PodView> = {}): PodView => ({
  name,
  component: 'web',
  phase: 'Running',
  ready: true,
  restarts: 0,
  containers: [],
  ...change,
});
const early = '2026-01-01T00:00:00Z';
const late = '2026-01-01T00:01:00Z';

const cases = [
  { name: 'nothing runs', given: [], want: undefined },
  {
    name: 'a crashing one comes first',
    given: [pod('good', { startedAt: late }), pod('bad', { ready: false, restarts: 2, startedAt: early })],
    want: 'bad',
  },
  {
    name: 'the new one of a roll-out, not the one that ends',
    given: [
      pod('old', { ready: false, phase: 'Terminating', startedAt: late }),
      pod('new', { startedAt: early }),
    ],
    want: 'new',
  },
  {
    name: 'the one that was started last',
    given: [pod('old', { startedAt: early }), pod('new', { startedAt: late })],
    want: 'new',
  },
  {
    name: 'one that is only ending is better than none',
    given: [pod('old', { phase: 'Terminating' })],
    want: 'old',
  },
];
for (const { name, given, want } of cases)
  test(`log of a Pod: ${name}`, () => assert.equal(podToRead(given)?.name, want));
