import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApplicationView } from '../views/application-view.ts';
import { type DeploymentFacts, type OpenPullRequest, whyNotDeployed } from './why-not-deployed.ts';

const head = 'a'.repeat(40);
const running = { state: 'Running', revision: head } as const;
const failing = (reason: string): NonNullable<DeploymentFacts['view']> => ({
  state: 'Failed',
  revision: head,
  why: { reason, message: `Because of ${reason}.`, actor: 'org-developer' },
});
const held: NonNullable<ApplicationView['holds']> = [{ reason: 'audit', message: 'Held by Ada: audit.' }];
const pull: OpenPullRequest = {
  number: 12,
  title: 'More',
  path: '/x',
  openedBy: 'Omar',
  environment: 'acme-prod',
  destination: 'main',
  gates: [],
  conflicts: [],
  known: true,
};
const closed = {
  rule: 'pr-required',
  allowed: false,
  reason: 'Needs 1 more approval from @acme/security.',
  needs: ['@acme/security'],
};
const soak = { rule: 'soak', allowed: false, reason: 'Soaks.', until: '2026-01-01T00:00:00Z' };
const order = { rule: 'order', allowed: false, reason: 'Waits for #11, which is merged first.' };

describe('why something is not deployed yet', () => {
  const cases: readonly {
    readonly name: string;
    readonly given: Partial<DeploymentFacts>;
    readonly want: readonly [state: string, deployed: boolean, message: RegExp, actor?: string];
  }[] = [
    { name: 'it is', given: { view: running }, want: ['Running', true, /It runs what was asked for/] },
    {
      name: 'a closed gate, before everything at runtime',
      given: { view: failing('CrashLoopBackOff'), pullRequests: [{ ...pull, gates: [closed] }] },
      want: ['Failed', false, /^#12 waits: Needs 1 more approval from @acme\/security/, '@acme/security'],
    },
    {
      name: 'a closed gate where nothing else is wrong is the state of the card',
      given: { view: running, pullRequests: [{ ...pull, gates: [closed] }] },
      want: ['Pending approval', false, /^#12 waits/, '@acme/security'],
    },
    {
      name: 'of several gates the one before which nothing helps',
      given: { view: running, pullRequests: [{ ...pull, gates: [closed, order] }] },
      want: ['Pending approval', false, /merged first/, 'org-developer'],
    },
    {
      name: 'a gate that opens by itself',
      given: { view: running, pullRequests: [{ ...pull, gates: [soak] }] },
      want: ['Pending approval', false, /Soaks/, 'nobody; it goes on by itself'],
    },
    {
      name: 'a conflict, before its gates',
      given: { view: running, pullRequests: [{ ...pull, gates: [closed], conflicts: ['a.md'] }] },
      want: ['Pending approval', false, /conflicts with main: a\.md/, 'Omar'],
    },
    {
      name: 'every gate open: somebody merges it, and nobody needs to approve',
      given: { view: running, pullRequests: [pull] },
      want: ['Running', false, /waits to be merged/, 'whoever may change acme-prod'],
    },
    {
      name: 'what nobody looked at is not called open',
      given: { view: running, pullRequests: [{ ...pull, known: false }] },
      want: ['Running', false, /being looked at/],
    },
    {
      name: 'the first promotion waits for approval before it is installed',
      given: { installed: false, pullRequests: [{ ...pull, gates: [closed] }] },
      want: ['Pending approval', false, /^#12 waits/],
    },
    {
      name: 'a hold, which leaves what runs running',
      given: { view: { ...running, holds: held } },
      want: ['Running', true, /Held by Ada: audit\. Nothing new/, 'org-developer'],
    },
    {
      name: 'a commit that has not arrived, and not what ran before it',
      given: { view: { ...failing('RenderFailed'), revision: 'b'.repeat(40) } },
      want: ['Failed', false, /Commit aaaaaaa is accepted/, 'nobody; it goes on by itself'],
    },
    {
      name: 'installed in Git and not in the picture yet',
      given: {},
      want: ['Installing', false, /Commit aaaaaaa is accepted/],
    },
    {
      name: 'nothing of it',
      given: { installed: false },
      want: ['Not installed', false, /not installed here/],
    },
    {
      name: 'what runs, in its own words',
      given: { view: failing('CrashLoopBackOff') },
      want: ['Failed', false, /Because of CrashLoopBackOff/, 'org-developer'],
    },
  ];
  for (const { name, given, want } of cases)
    it(name, () => {
      const answer = whyNotDeployed({ head, installed: true, pullRequests: [], ...given });
      const [state, deployed, message, actor] = want;
      assert.deepEqual([answer.state, answer.deployed], [state, deployed]);
      assert.match(answer.message, message);
      if (actor !== undefined) assert.equal(answer.blockers[0]?.actor, actor);
    });

  it('names every stage, the earliest first', () => {
    for (const [reason, stage] of [
      ['DependencyNotReady', 'dependency'],
      ['RenderFailed', 'render'],
      ['ErrImagePull', 'runtime'],
    ] as const) {
      const view = { ...failing(reason), holds: held };
      const { blockers } = whyNotDeployed({
        head,
        installed: true,
        view,
        pullRequests: [{ ...pull, gates: [closed] }],
      });
      assert.deepEqual(
        blockers.map((blocker) => blocker.stage),
        ['gates', 'hold', stage],
      );
    }
  });
});
