import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PullRequestChanged } from '../events/cloud-event.ts';
import { toHeaderText } from './header-text.ts';
import type { Notice } from './kinds.ts';
import { noticesOfPullRequest } from './of-pull-request.ts';
import { toMail } from './to-mail.ts';

const event = { event: 'e1', at: '2026-01-01T00:00:00Z' };
const changed = (change: PullRequestChanged['change'], more: Partial<PullRequestChanged> = {}) => ({
  organization: 'acme',
  repository: 'shop',
  number: 12,
  change,
  title: 'More',
  environment: 'acme-prod',
  destination: 'main',
  head: 'a'.repeat(40),
  content: 'a'.repeat(40),
  by: { id: 'omar', name: 'Omar' },
  ...more,
});
const facts = { isOpen: true, authors: ['omar'], reviewers: ['ada', 'ben'], mergers: [] as string[] };

describe('who is told what of a pull request', () => {
  const told = (...given: Parameters<typeof noticesOfPullRequest>) =>
    noticesOfPullRequest(...given).map(({ notice, to }) => [notice.kind, ...to]);

  it('asks those who can approve it, when it is opened', () =>
    assert.deepEqual(told(changed('opened'), facts, event), [['review-needed', 'ada', 'ben']]));
  it('asks once for each content', () => {
    const [first] = noticesOfPullRequest(changed('opened'), facts, event);
    const [again] = noticesOfPullRequest(changed('updated'), facts, { ...event, event: 'e2' });
    const head = 'b'.repeat(40);
    const [moved] = noticesOfPullRequest(changed('updated', { head, content: head }), facts, event);
    const [decided] = noticesOfPullRequest(changed('updated', { content: 'decided' }), facts, event);
    assert.equal(first?.notice.id, again?.notice.id);
    assert.notEqual(first?.notice.id, moved?.notice.id);
    assert.notEqual(first?.notice.id, decided?.notice.id, 'at the same head');
  });
  it('tells authors of a verdict, and that they can merge it', () => {
    const by = { id: 'ada', name: 'Ada' };
    const ready = { ...facts, reviewers: [], mergers: ['omar'] };
    assert.deepEqual(told(changed('reviewed', { verdict: 'approve', by }), ready, event), [
      ['approved', 'omar'],
      ['mergeable', 'omar'],
    ]);
    assert.deepEqual(told(changed('reviewed', { verdict: 'request-changes', by }), facts, event), [
      ['changes-requested', 'omar'],
    ]);
  });
  it('tells nobody what he did himself', () => {
    assert.deepEqual(told(changed('merged'), { ...facts, isOpen: false }, event), []);
    const by = { id: 'ada', name: 'Ada' };
    assert.deepEqual(told(changed('merged', { by }), { ...facts, isOpen: false }, event), [
      ['merged', 'omar'],
    ]);
    assert.deepEqual(told(changed('closed', { by }), { ...facts, isOpen: false }, event), [
      ['closed', 'omar'],
    ]);
  });
  it('asks for nothing where it is not open any more', () =>
    assert.deepEqual(told(changed('opened'), { ...facts, isOpen: false }, event), []));
});

describe('text of an e-mail', () => {
  const notice: Notice = {
    id: 'x',
    kind: 'review-needed',
    organization: 'acme',
    title: 'shop #12: More',
    message: 'It needs you.',
    path: '/organizations/acme/pull-requests/shop/12',
    at: event.at,
  };
  const pageUrl = (path: string) => `http://localhost:8080${path}`;

  it('says what, where and how to have no more of them', () => {
    const { subject, text } = toMail(notice, pageUrl);
    assert.equal(subject, '[acme] Needs your review: shop #12: More');
    assert.match(text, /It needs you\.\n\nhttp:\/\/localhost:8080\/organizations\/acme/);
    assert.match(text, /Switch these e-mails off at http:\/\/localhost:8080\/inbox/);
  });
  it('is one line of a header whatever people wrote, and no longer than it may be', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (title) => {
        const { subject } = toMail({ ...notice, title }, pageUrl);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is shown.
        assert.doesNotMatch(subject, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/u);
        assert.ok([...subject].length <= 200);
        assert.equal(toHeaderText(subject), subject);
      }),
    );
    assert.equal(toHeaderText('a\r\nBcc: eve@example.org'), 'a Bcc: eve@example.org');
  });
});
