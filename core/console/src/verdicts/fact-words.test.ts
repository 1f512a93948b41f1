import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { factWords } from './fact-words.ts';

const [head, earlier] = ['a'.repeat(40), 'b'.repeat(40)];
const by = (name: string, revision = head) => ({
  by: { id: name, name },
  verdict: 'approve' as const,
  revision,
});

describe('the facts of a verdict in words', () => {
  it('say who approved what was merged, and nothing of earlier heads', () => {
    const review = { head, authors: [], reviews: [by('Ada'), by('Ben', earlier)], people: {}, ownership: [] };
    assert.deepEqual(factWords({ now: 0, review }), ['Ada approved this very revision.']);
  });

  it('say where it ran, what others reported, and whose glass was broken', () => {
    const soak = { exists: true, arrived: true, running: true };
    const words = factWords({
      now: 0,
      review: { head, authors: [], reviews: [], people: {}, ownership: [] },
      soaks: [
        { ...soak, environment: 'acme-dev', healthyMs: 3 * 3_600_000 },
        { ...soak, environment: 'acme-stg', healthyMs: 0 },
      ],
      otherBase: { paths: ['base/a.md', 'base/b.md'], count: 5 },
      checks: [
        { name: 'scan', revision: head, status: 'success' },
        { name: 'lint', revision: head, status: 'failure', by: { token: 'jenkins', owner: 'Amira' } },
        { name: 'old', revision: earlier, status: 'failure' },
      ],
      breakGlass: {
        by: { id: 'omar', name: 'Omar' },
        reason: 'The shop is down.',
        until: '2026-01-01T00:00:00Z',
      },
    });
    assert.deepEqual(words, [
      'It had been Running in acme-dev for 3 h.',
      'It had not been Running in acme-stg.',
      'Merging would have made another base/ than that of its head: base/a.md, base/b.md and 3 more.',
      'The check scan said success.',
      'The check lint said failure, posted by the token jenkins of Amira.',
      'Omar had broken the glass: The shop is down.',
    ]);
  });
});
