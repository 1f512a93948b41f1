import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import {
  commentsOn,
  conflictCommands,
  describeMoves,
  gatesBeside,
  postedBy,
  whyNotMerge,
} from './pull-request-words.ts';

const head = 'a'.repeat(40);
const layla = { id: 'u1', name: 'Layla' };
const at = '2026-01-01T00:00:00.000Z';
const detail: PullRequestDetail = {
  organization: 'acme',
  application: 'hello',
  number: 3,
  title: 'Greet',
  state: 'open',
  environment: 'acme-prod',
  source: 'greet',
  destination: 'main',
  head,
  content: head,
  openedBy: layla,
  openedOn: 'console',
  openedAt: at,
  updatedAt: at,
  description: '',
  commits: [],
  files: [],
  conflicts: [],
  gates: [],
  mergeable: false,
  why: 'Needs 2 more approvals.',
  reviews: [],
  owners: [],
  checks: [],
  comments: [],
  may: {
    approve: true,
    merge: false,
    autoMerge: false,
    stopAutoMerge: false,
    close: false,
    comment: true,
  },
};

describe('postedBy', () => {
  it('names the token and whose it is', () =>
    assert.equal(postedBy({ token: 'jenkins', by: 'Amira' }), 'the token jenkins of Amira'));
  it('names the person alone where nobody knows the token', () =>
    assert.equal(postedBy({ by: 'Amira' }), 'Amira'));
});

describe('describeMoves', () => {
  const review = { by: layla, verdict: 'approve' as const, revision: head, stale: false, at };
  const check = { name: 'ci', revision: head, status: 'success' as const, by: 'ci', at };
  const cases: readonly { name: string; after: Partial<PullRequestDetail>; want: string[] }[] = [
    { name: 'is silent where nothing moved', after: {}, want: [] },
    { name: 'says a new head', after: { head: 'b'.repeat(40) }, want: ['It moved on to bbbbbbbbbb.'] },
    {
      name: 'says a new content at the same head',
      after: { content: 'other' },
      want: ['What it writes is another content than before.'],
    },
    { name: 'says who approved', after: { reviews: [review] }, want: ['Layla approved.'] },
    {
      name: 'says who asked for changes',
      after: { reviews: [{ ...review, verdict: 'request-changes' }] },
      want: ['Layla asked for changes.'],
    },
    {
      name: 'says who commented',
      after: { comments: [{ id: 'c', by: layla, text: 'Hm', at }] },
      want: ['Layla commented.'],
    },
    { name: 'says what a check says', after: { checks: [check] }, want: ['The check ci says success.'] },
    {
      name: 'says what it waits for now',
      after: { state: 'merged', why: 'Merged by Layla.' },
      want: ['Merged by Layla.'],
    },
  ];
  for (const { name, after, want } of cases)
    it(name, () => assert.deepEqual(describeMoves(detail, { ...detail, ...after }), want));

  it('does not repeat what was there', () => {
    const before = { ...detail, reviews: [review], checks: [check] };
    assert.deepEqual(describeMoves(before, { ...before }), []);
  });
});

describe('conflictCommands', () => {
  it('merges the destination into the source', () => {
    const commands = conflictCommands(detail, 'http://localhost:8080');
    assert.ok(commands.includes('git switch greet'));
    assert.ok(commands.includes('git merge origin/main'));
    assert.equal(commands.at(-1), 'git push');
  });
  it('fetches the head where there is no source branch', () => {
    const { source: _, ...pushed } = detail;
    const commands = conflictCommands(pushed, 'http://localhost:8080');
    assert.ok(commands.includes('git fetch origin refs/pull/3/head'));
    assert.equal(commands.at(-1), 'git push -o pull-request origin HEAD:main');
  });
  it('opens another one for a proposal, whose branch nobody pushes to', () => {
    const commands = conflictCommands({ ...detail, source: 'proposals/01x' }, 'http://localhost:8080');
    assert.ok(commands.includes('git switch -c pull-3 origin/proposals/01x'));
    assert.equal(commands.at(-1), 'git push -o pull-request origin HEAD:main');
  });
  it('quotes a branch name that a shell would act on', () => {
    const commands = conflictCommands({ ...detail, source: "x;'$(reboot)" }, 'http://localhost:8080');
    assert.ok(commands.includes("git switch 'x;'\\''$(reboot)'"));
  });
});

describe('commentsOn', () => {
  it('sorts by file and line', () => {
    const of = (id: string, file?: string, line?: number) => ({
      id,
      by: layla,
      text: id,
      at,
      ...(file ? { file } : {}),
      ...(line ? { line } : {}),
    });
    const { byLine, whole } = commentsOn([of('1'), of('2', 'a'), of('3', 'a', 7), of('4', 'b', 7)], 'a');
    assert.deepEqual(
      whole.map(({ id }) => id),
      ['2'],
    );
    assert.deepEqual(
      [...byLine].map(([line, all]) => [line, all.map(({ id }) => id)]),
      [[7, ['3']]],
    );
  });
});

it('does not say twice what a gate says', () => {
  const gates = [
    { rule: 'pr-required', allowed: false, reason: 'Needs 2 more approvals.', needs: ['@acme/security'] },
    { rule: 'soak', allowed: true, reason: 'Ran for 72 hours.' },
  ];
  assert.deepEqual(
    gatesBeside({ ...detail, gates }).map(({ reason }) => reason),
    ['', 'Ran for 72 hours.'],
  );
});

describe('whyNotMerge', () => {
  it('speaks only where nothing but the right is missing', () => {
    assert.equal(whyNotMerge(detail), undefined);
    assert.match(whyNotMerge({ ...detail, mergeable: true }) ?? '', /acme-prod/);
    assert.equal(whyNotMerge({ ...detail, mergeable: true, may: { ...detail.may, merge: true } }), undefined);
  });
});
