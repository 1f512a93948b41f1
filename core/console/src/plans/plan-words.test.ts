import assert from 'node:assert/strict';
import test from 'node:test';
import type { Plan } from '@catalyst/model/views/plan.ts';
import { ProblemError } from '../api/client.ts';
import {
  deliveryOf,
  distinctMessages,
  doesNothing,
  isOvertaken,
  losesData,
  risksOf,
  titleOfPlan,
} from './plan-words.ts';

const risk = (severity: 'notice' | 'warning' | 'loss') => ({ what: severity, message: '', severity });
const plan = (more: object) =>
  ({ action: 'configure', applications: [], consequences: [], ...more }) as unknown as Plan;

test('the gravest risk comes first, whichever Application has it', () => {
  const given = plan({
    applications: [
      { application: 'a', dataRisks: [risk('notice'), risk('warning')] },
      { application: 'b', dataRisks: [risk('loss')] },
      { application: 'c' },
    ],
  });
  assert.deepEqual(
    risksOf(given).map(({ application, severity }) => `${application} ${severity}`),
    ['b loss', 'a warning', 'a notice'],
  );
  assert.equal(losesData(given), true);
  assert.equal(
    losesData(plan({ applications: [{ application: 'a', dataRisks: [risk('warning')] }] })),
    false,
  );
});

test('a plan is proposed only where its policy does not let it be applied', () => {
  assert.equal(deliveryOf(plan({})), 'apply');
  assert.equal(deliveryOf(plan({ policy: { protected: true, allowed: true, gates: [] } })), 'apply');
  assert.equal(deliveryOf(plan({ policy: { protected: true, allowed: false, gates: [] } })), 'propose');
});

test('a plan without files, objects and consequences does nothing', () => {
  assert.equal(doesNothing(plan({ applications: [{ files: [], objects: [] }] })), true);
  assert.equal(doesNothing(plan({ consequences: ['It is paused.'] })), false);
});

test('an overtaken plan is known by its code, an expired one by not being there', () => {
  assert.equal(isOvertaken(new ProblemError(409, 'Stale', '')), true);
  assert.equal(isOvertaken(new ProblemError(404, 'NotFound', '')), true);
  assert.equal(isOvertaken(new ProblemError(409, 'Held', '')), false);
  assert.equal(isOvertaken(new Error('x')), false);
});

test('what one sentence says, another need not say again', () => {
  const messages = ['It is stale: a moved. Make a new one.', 'a moved.', 'b moved.'].map((message) => ({
    message,
  }));
  assert.deepEqual(distinctMessages(messages), ['It is stale: a moved. Make a new one.', 'b moved.']);
});

test('the title names what was asked for: an install makes it last', () => {
  const parts = [
    { application: 'blog-db', change: 'create' },
    { application: 'blog', change: 'create' },
    { application: 'cache', change: 'use' },
  ];
  assert.equal(titleOfPlan(plan({ action: 'install', applications: parts })), 'Install blog and 1 more');
  assert.equal(
    titleOfPlan(plan({ applications: [{ application: 'blog', change: 'change' }] })),
    'Change blog',
  );
});
