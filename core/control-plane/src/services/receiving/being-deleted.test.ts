import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProposedUpdate } from '../../ports/repositories.ts';
import { type ApplicationJudgeDeps, createApplicationJudge } from './application-judge.ts';

const owners = { path: 'CODEOWNERS', mode: '100644', sizeBytes: 1, blob: 'a' };
const note = { path: 'README.md', mode: '100644', sizeBytes: 1, blob: 'b' };

function judge(after: readonly object[]) {
  const judgement = createApplicationJudge({
    mayWrite: async () => true,
    isBeingDeleted: async () => true,
    organizations: { environment: async () => undefined },
    repositories: () => ({ files: async () => [owners, note] }),
    protection: {
      policyOf: async () => ({
        policy: {
          name: 'acme-prod-policy',
          environment: 'acme-prod',
          rules: [{ kind: 'pr-required', approvers: ['@acme/security'], minApprovals: 1 }],
          rollback: 'free',
        },
      }),
      verdicts: { record: async () => {} },
      pullRequestsUrl: () => '',
      clock: { now: () => 0 },
    },
  } as unknown as ApplicationJudgeDeps);
  return judgement.judge({
    repository: { organization: 'acme', name: 'shop' },
    ref: 'refs/heads/main',
    oldRevision: 'a'.repeat(40),
    newRevision: 'b'.repeat(40),
    pusher: { id: 'u', name: 'Omar', surface: 'git' },
    files: async () => after,
    read: async () => new Uint8Array(),
  } as unknown as ProposedUpdate);
}

describe('the branch of a protected Environment that is being deleted', () => {
  it('is emptied without its gates', async () => {
    assert.equal((await judge([owners])).ok, true);
  });

  it('does not change who answers for it', async () => {
    const judged = await judge([{ ...owners, blob: 'c' }]);
    assert.equal(judged.ok ? undefined : judged.problems[0]?.code, 'Protected');
  });
});
