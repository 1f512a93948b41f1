import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProposedUpdate } from '../../ports/repositories.ts';
import { type ApplicationJudgeDeps, createApplicationJudge } from './application-judge.ts';

const nothing = '0'.repeat(40);

function judge(files: Readonly<Record<string, string>>, oldRevision = nothing) {
  const judgement = createApplicationJudge({
    mayWrite: async () => false,
    organizations: { environment: async () => undefined },
  } as unknown as ApplicationJudgeDeps);
  return judgement.judge({
    repository: { organization: 'acme', name: 'shop' },
    ref: 'refs/heads/main',
    oldRevision,
    newRevision: 'a'.repeat(40),
    files: async () =>
      Object.entries(files).map(([path, text]) => ({ path, mode: '100644', sizeBytes: text.length })),
    read: async (path: string) => new TextEncoder().encode(files[path]),
  } as unknown as ProposedUpdate);
}

describe('the first commit on a branch of an Environment', () => {
  const owners = '* @acme/org-admins\n';

  it('needs no right to the Environment as long as it only names the code owners', async () => {
    assert.equal((await judge({ CODEOWNERS: owners })).ok, true);
  });

  it('needs it for anything else, and for every later commit', async () => {
    assert.equal((await judge({ CODEOWNERS: '* @dana\n' })).ok, false);
    assert.equal((await judge({ CODEOWNERS: owners, 'base/application.yaml': 'x' })).ok, false);
    assert.equal((await judge({ CODEOWNERS: owners, 'README.md': 'x' })).ok, false);
    assert.equal((await judge({})).ok, false);
    assert.equal((await judge({ CODEOWNERS: owners }, 'b'.repeat(40))).ok, false);
  });
});
