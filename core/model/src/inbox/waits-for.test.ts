import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GateVerdict } from '../views/plan.ts';
import { neededReviewers, waitForAuthor, waitForReview } from './waits-for.ts';

const head = 'a'.repeat(40);
const earlier = 'b'.repeat(40);
const closed: GateVerdict = { rule: 'pr-required', allowed: false, reason: 'No.', needs: ['@acme/security'] };
const facts = {
  head,
  authors: ['omar', 'pusher'],
  reviews: [],
  people: { '@acme/security': ['ada', 'ben', 'omar', 'pusher'], '@acme/ops': ['ada', 'cleo'] },
};
const said = (id: string, verdict: 'approve' | 'request-changes', revision = head) => ({
  by: { id, name: id },
  verdict,
  revision,
  at: '2026-01-02T00:00:00Z',
});
const pullRequest = {
  destination: 'main',
  environment: 'acme-prod',
  head,
  openedAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-03T00:00:00Z',
  reviews: [],
};

describe('who can open a gate', () => {
  const cases = [
    { name: 'neither opener nor pusher', gates: [closed], want: ['ada', 'ben'] },
    { name: 'nobody for an open gate', gates: [{ ...closed, allowed: true }], want: [] },
    {
      name: 'nobody for a gate that only time opens',
      gates: [{ rule: 'soak', allowed: false, reason: '' }],
      want: [],
    },
    {
      name: 'not who has said something of this head, whatever it was',
      gates: [closed],
      reviews: [said('ada', 'request-changes'), said('ben', 'approve')],
      want: [],
    },
    {
      name: 'again who spoke of an earlier head',
      gates: [closed],
      reviews: [said('ada', 'approve', earlier)],
      want: ['ada', 'ben'],
    },
    {
      name: 'those of every closed gate',
      gates: [closed, { ...closed, rule: 'codeowners', needs: ['@acme/ops'] }],
      want: ['ada', 'ben', 'cleo'],
    },
    {
      name: 'nobody for a name that is no handle',
      gates: [{ ...closed, needs: ['toString', 'Ada'] }],
      want: [],
    },
  ];
  for (const { name, gates, reviews = [], want } of cases)
    it(name, () => assert.deepEqual(Object.keys(neededReviewers(gates, { ...facts, reviews })).sort(), want));
});

describe('what waits for whom', () => {
  const standing = { gates: [closed], conflicts: [] };
  it('is nothing to review for who is not needed, or while it conflicts', () => {
    assert.equal(waitForReview(pullRequest, standing, undefined), undefined);
    assert.equal(waitForReview(pullRequest, { ...standing, conflicts: ['a'] }, ['@acme/ops']), undefined);
  });
  const kindOf = (...given: Parameters<typeof waitForAuthor>) => waitForAuthor(...given)?.kind;
  it('is a conflict before everything, then changes that are asked for, then a problem, then the merge', () => {
    const against = { ...pullRequest, reviews: [said('ada', 'request-changes')] };
    const open = { gates: [{ ...closed, allowed: true }], conflicts: [] };
    assert.equal(kindOf(against, { ...standing, conflicts: ['a'] }, true), 'conflict');
    assert.equal(kindOf(against, standing, true), 'changes-requested');
    assert.equal(kindOf(pullRequest, standing, true), undefined, 'it waits for others');
    assert.equal(kindOf(pullRequest, { ...open, problems: [{ message: 'x' }] }, true), 'problem');
    assert.equal(kindOf(pullRequest, open, true), 'merge');
    assert.equal(kindOf(pullRequest, open, false), undefined, 'he may not merge');
  });
  const promotion = {
    ...pullRequest,
    destination: 'staging',
    environment: 'acme-stg',
    promotion: { from: 'acme-dev' },
  };
  const undecided: GateVerdict = {
    rule: 'decision',
    allowed: false,
    reason: 'acme-stg has changes of its own.',
  };
  it('is a decision for the authors of a promotion, whatever else it waits for, and nothing once it is made', () => {
    const wait = waitForAuthor(promotion, { gates: [closed, undecided], conflicts: [] }, false);
    assert.deepEqual(wait, { kind: 'decision', why: undecided.reason, since: pullRequest.updatedAt });
    const decided = { gates: [closed, { ...undecided, allowed: true }], conflicts: [] };
    assert.equal(kindOf(promotion, decided, true), undefined);
  });
  it('says of a promotion what solves it there, and never to merge the destination into the source', () => {
    const conflict = waitForAuthor(promotion, { gates: [], conflicts: ['base/values.yaml'] }, true);
    assert.equal(conflict?.kind, 'conflict');
    assert.match(
      conflict?.why ?? '',
      /^base\/values\.yaml changed in acme-stg and in acme-dev\. Decide on the pull request which/,
    );
    assert.doesNotMatch(conflict?.why ?? '', /push|merge/i);
    const against = { ...promotion, reviews: [said('ada', 'request-changes')] };
    assert.match(
      waitForAuthor(against, { gates: [], conflicts: [] }, true)?.why ?? '',
      /^ada asked for changes: make them in acme-dev and promote anew/,
    );
    const plain = waitForAuthor(pullRequest, { gates: [], conflicts: ['a'] }, true);
    assert.equal(plain?.why, 'a changed in main too. Merge main into the branch, decide there, and push.');
  });
  it('waits since the verdict that made it so', () =>
    assert.equal(
      waitForAuthor({ ...pullRequest, reviews: [said('ada', 'request-changes')] }, standing, true)?.since,
      '2026-01-02T00:00:00Z',
    ));
});
