import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ok, refused } from '@catalyst/model/problem.ts';
import type { CommitRequest, Repositories } from '../../ports/repositories.ts';
import { rollBack } from './apply-plan.ts';
import type { PlanRow } from './plan-store.ts';

const created = 'a'.repeat(40);
const before = 'b'.repeat(40);
const installed = 'c'.repeat(40);
const row = {
  id: 'plan-1',
  environment: 'acme-dev',
  organization: 'acme',
  branch: 'develop',
  actor: { id: 'u', name: 'Dana', email: 'dana@example.net', surface: 'console' },
  steps: [
    {
      application: 'blog-db',
      kind: 'create-repository',
      expectedHead: null,
      changes: { 'base/application.yaml': 'x' },
      message: 'Install',
    },
    {
      application: 'blog-cache',
      kind: 'commit',
      expectedHead: before,
      changes: { 'base/application.yaml': 'x', 'base/values.yaml': 'new' },
      message: 'Install',
    },
    { application: 'blog', kind: 'create-repository', expectedHead: null, changes: {}, message: 'Install' },
  ],
} as unknown as PlanRow;
const commits = [
  { application: 'blog-db', repository: 'acme/blog-db', branch: 'develop', revision: created },
  { application: 'blog-cache', repository: 'acme/blog-cache', branch: 'develop', revision: installed },
];

function repositories(outcome: (request: CommitRequest) => boolean, undone: readonly string[] = []) {
  const requests: CommitRequest[] = [];
  const fake = {
    exists: async () => true,
    history: async ({ name }: { name: string }) => [
      { message: undone.includes(name) ? 'Undo: Install\n\nCatalyst-Plan-Undone: plan-1\n' : 'Install' },
    ],
    read: async (_repository: unknown, revision: string, path: string) =>
      revision === before && path === 'base/values.yaml' ? new TextEncoder().encode('old') : undefined,
    commit: async (request: CommitRequest) => {
      requests.push(request);
      return outcome(request) ? ok({}) : refused({ code: 'Conflict', message: 'moved' });
    },
  } as unknown as Repositories;
  return { requests, deps: { repositories: fake, ensureSecrets: async () => undefined } };
}

describe('taking a half-done plan back', () => {
  it('uninstalls by commits, last step first, and restores what was there', async () => {
    const { deps, requests } = repositories(() => true);
    assert.deepEqual(await rollBack(deps, row, commits), []);
    assert.deepEqual(
      requests.map(({ repository, expectedHead, changes, pusher }) => ({
        name: repository.name,
        expectedHead,
        changes,
        surface: pusher.surface,
      })),
      [
        {
          name: 'blog-cache',
          expectedHead: installed,
          changes: { 'base/application.yaml': null, 'base/values.yaml': new TextEncoder().encode('old') },
          surface: 'system',
        },
        {
          name: 'blog-db',
          expectedHead: created,
          changes: { 'base/application.yaml': null },
          surface: 'system',
        },
      ],
    );
  });

  it('names what stays because somebody changed it meanwhile', async () => {
    const { deps } = repositories(({ repository }) => repository.name !== 'blog-db');
    assert.deepEqual(await rollBack(deps, row, commits), ['blog-db']);
  });

  it('does nothing twice after a crash', async () => {
    const { deps, requests } = repositories(() => true, ['blog-cache']);
    assert.deepEqual(await rollBack(deps, row, commits), []);
    assert.deepEqual(
      requests.map(({ repository }) => repository.name),
      ['blog-db'],
    );
  });
});
