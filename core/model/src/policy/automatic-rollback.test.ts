import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApplicationView, PodView } from '../views/application-view.ts';
import { decideWatch, type WatchFacts } from './decide-watch.ts';
import { describePolicy, parsePolicyFile } from './policy.ts';
import { evidenceLine, toEvidence } from './rollback-evidence.ts';

const file = (spec: string) => `apiVersion: catalyst.openova.io/v1alpha1
kind: EnvironmentPolicy
metadata: {name: acme-prod-policy}
spec:
  appliesTo: {environments: [acme-prod]}
  rules: []
  ${spec}
`;
const parse = (spec: string) => parsePolicyFile('policies/acme-prod-policy.yaml', file(spec));

describe('automaticRollback of a policy', () => {
  it('says in a sentence what happens', () => {
    const parsed = parse('automaticRollback: {after: 10m}');
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.value.automaticRollback, { after: '10m' });
    assert.match(
      describePolicy(parsed.value).join(' '),
      /goes back by itself when it is not Running within 10m/,
    );
    const without = parse('rollback: free');
    assert.ok(without.ok);
    assert.equal(describePolicy(without.value).length, 1);
  });

  for (const { spec, why, code } of [
    {
      spec: 'automaticRollback: {after: 10m}\n  rollback: gated',
      why: 'gates that nobody opened',
      code: 'Contradiction',
    },
    { spec: 'automaticRollback: {after: 0m}', why: 'no time at all', code: undefined },
    { spec: 'automaticRollback: {after: 30s}', why: 'less than a minute', code: undefined },
    { spec: 'automaticRollback: {after: 8d}', why: 'more than 7 days', code: 'InvalidDuration' },
    { spec: 'automaticRollback: {}', why: 'no duration', code: undefined },
    { spec: 'automaticRollback: {after: 10m, to: base}', why: 'an unknown field', code: undefined },
  ])
    it(`is refused with ${why}`, () => {
      const parsed = parse(spec);
      assert.ok(!parsed.ok);
      if (code) assert.equal(parsed.problems[0]?.code, code);
    });
});

const revision = 'a'.repeat(40);
const watch = { revision, deadline: 1_000_000, afterMs: 600_000, unknown: false };
const view = (state: ApplicationView['state'], reason?: string): NonNullable<WatchFacts['view']> => ({
  state,
  revision,
  ...(reason === undefined ? {} : { why: { reason, message: 'm' } }),
});
const facts: WatchFacts = { now: 999_999, head: revision, installed: true, ran: false, wanted: true };
const late = { ...facts, now: 1_000_000 };

describe('a watched merge', () => {
  for (const { name, given, of = watch, want } of [
    { name: 'waits while it starts', given: { ...facts, view: view('Updating') }, want: 'wait' },
    {
      name: 'may still recover before its time is over',
      given: { ...facts, view: view('Failed') },
      want: 'wait',
    },
    {
      name: 'that ran is healthy, whatever it is now',
      given: { ...late, ran: true, view: view('Failed') },
      want: 'healthy',
    },
    {
      name: 'that ran is healthy though others went on',
      given: { ...late, ran: true, head: 'b' },
      want: 'healthy',
    },
    {
      name: 'that runs at last is healthy, late as it is',
      given: { ...late, view: view('Running') },
      want: 'healthy',
    },
    { name: 'goes back when it failed', given: { ...late, view: view('Failed') }, want: 'roll-back' },
    {
      name: 'goes back when it hangs',
      given: { ...late, view: view('Updating', 'Progressing') },
      want: 'roll-back',
    },
    {
      name: 'goes back when half of it runs and it never ran whole',
      given: { ...late, view: view('Degraded') },
      want: 'roll-back',
    },
    {
      name: 'goes back when it waits in vain',
      given: { ...late, view: view('Waiting', 'DependencyNotReady') },
      want: 'roll-back',
    },
    {
      name: 'belongs to whoever changed it since',
      given: { ...late, head: 'b', view: view('Failed') },
      want: 'superseded',
    },
    {
      name: 'without a branch is nobody’s',
      given: { now: 1, installed: false, ran: false, wanted: true },
      want: 'superseded',
    },
    { name: 'that uninstalls has nothing to run', given: { ...late, installed: false }, want: 'uninstalled' },
    {
      name: 'that nobody wants watched stays',
      given: { ...late, wanted: false, view: view('Failed') },
      want: 'unwanted',
    },
    { name: 'that is paused is as was asked', given: { ...late, view: view('Paused') }, want: 'paused' },
    {
      name: 'that is scaled to zero has shown nothing',
      given: { ...late, view: view('Paused', 'ScaledToZero') },
      want: 'scaled-to-zero',
    },
    { name: 'of which nothing is known is not unhealthy', given: late, want: 'wait' },
    {
      name: 'with the state Unknown is not unhealthy',
      given: { ...late, view: view('Unknown') },
      want: 'wait',
    },
    {
      name: 'without an engine is not unhealthy',
      given: { ...late, view: view('Waiting', 'EngineUnavailable') },
      want: 'wait',
    },
    {
      name: 'that nobody has looked at is not unhealthy',
      given: { ...late, view: view('Updating', 'Reconciling') },
      want: 'wait',
    },
    {
      name: 'of which another revision is shown is not unhealthy',
      given: { ...late, view: { ...view('Failed'), revision: 'b' } },
      want: 'wait',
    },
    {
      name: 'has its whole time again after not being known',
      of: { ...watch, unknown: true },
      given: { ...late, view: view('Failed') },
      want: 'wait',
    },
  ])
    it(name, () => {
      assert.equal(decideWatch(of, given).kind, want);
    });

  it('counts its time from when it is known again', () => {
    const known = decideWatch({ ...watch, unknown: true }, { ...late, view: view('Failed') });
    assert.deepEqual(known, { kind: 'wait', deadline: 1_600_000, unknown: false });
  });
});

describe('the evidence', () => {
  const pod = (name: string, ready: boolean, exit?: number): PodView => ({
    name,
    component: 'web',
    phase: 'Running',
    ready,
    restarts: 4,
    containers: [
      {
        name: 'web',
        image: 'x',
        init: false,
        state: 'waiting',
        restarts: 4,
        reason: 'CrashLoopBackOff',
        ...(exit === undefined ? {} : { lastExitCode: exit }),
      },
    ],
  });

  it('names the state, why, and the Pods that are not ready with restarts and exit code', () => {
    const evidence = toEvidence({
      state: 'Failed',
      why: { reason: 'CrashLoopBackOff', message: 'It ends again and again.' },
      instances: [pod('web-1', false, 3), pod('web-2', true)],
    });
    assert.equal(
      evidenceLine(evidence, '10m', 7),
      'Rolled back by itself: what pull request #7 brought was not Running within 10m. It was Failed: It ends again and again. Pod web-1: Running, 4 restarts, exit code 3, CrashLoopBackOff.',
    );
  });

  it('fits the reason of a plan however many Pods there are', () => {
    const instances = Array.from({ length: 100 }, (_, n) => pod(`${'web'.repeat(20)}-${n}`, false, 1));
    const evidence = toEvidence({
      state: 'Failed',
      why: { reason: 'X', message: 'm'.repeat(500) },
      instances,
    });
    const line = evidenceLine(evidence, '10m', 7);
    assert.ok(line.length <= 480 && evidence.pods.length === 10);
  });
});
