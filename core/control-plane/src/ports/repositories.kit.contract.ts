import assert from 'node:assert/strict';
import type { Pusher, RefUpdated } from '@catalyst/model/events/cloud-event.ts';
import { ok, type Problem, refused } from '@catalyst/model/problem.ts';
import type {
  CommitRequest,
  FileChanges,
  ProposedUpdate,
  Repositories,
  RepositoryName,
  UpdateJudge,
} from './repositories.ts';

/** Repositories under test. `reopen` closes and opens the same data; the sink may be told to refuse for a while. */
export interface RepositoriesUnderTest {
  readonly repositories: Repositories;
  readonly told: readonly RefUpdated[];
  reopen(): Promise<Repositories>;
  failSink(fails: boolean): void;
  dispose(): Promise<void>;
}

/** The repository of the tests. */
export const shop: RepositoryName = { organization: 'acme', name: 'shop' };
/** Who pushes in the tests. */
export const alice: Pusher = { id: 'u1', name: 'Alice', surface: 'console' };
/** Who is the author in the tests. */
export const author = { name: 'Alice', email: 'alice@example.com' };

/** The value, or a failure that says why there is none. */
export function valueIn<T>(result: { ok: true; value: T } | { ok: false; problems: readonly Problem[] }): T {
  return result.ok ? result.value : assert.fail(JSON.stringify(result.problems));
}

/** Code of the first problem; undefined where there is none. */
export function codeOf(result: { ok: boolean; problems?: readonly Problem[] }): string | undefined {
  return result.ok ? undefined : result.problems?.[0]?.code;
}

/** A judge for tests: refuses files called `refuse.yaml`, symlinks and submodules; the rest passes with a fact. */
export const testJudge: UpdateJudge = {
  async judge(updates: readonly ProposedUpdate[]) {
    const problems: Problem[] = [];
    for (const update of updates)
      for (const file of await update.files())
        if (file.mode === '120000') problems.push({ code: 'Symlink', file: file.path, message: 'A link.' });
        else if (file.mode === '160000')
          problems.push({ code: 'Submodule', file: file.path, message: 'A submodule.' });
        else if (file.path.endsWith('refuse.yaml')) {
          const content = new TextDecoder().decode(await update.read(file.path));
          problems.push({
            code: 'Refused',
            file: file.path,
            field: 'spec',
            message: `has "${content.trim()}"`,
          });
        }
    return problems.length > 0
      ? refused(...problems)
      : ok(updates.map((update) => ({ environment: `of-${update.ref.split('/').at(-1)}` })));
  },
};

/** Waits until something holds; fails after ten seconds. */
export async function eventually(holds: () => boolean): Promise<void> {
  for (const until = Date.now() + 10_000; !holds(); ) {
    if (Date.now() > until) assert.fail('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A commit to `develop`, unless told otherwise. */
export const request = (
  changes: FileChanges,
  expectedHead: string | null,
  more: Partial<CommitRequest> = {},
) => ({
  repository: shop,
  branch: 'develop',
  expectedHead,
  changes,
  message: 'Change',
  author,
  pusher: alice,
  ...more,
});

/** Makes the repository of the tests. */
export const createShop = (repositories: Repositories, files: FileChanges = { 'a.txt': 'one' }) =>
  repositories.create({
    repository: shop,
    branches: { develop: files, staging: {}, main: {} },
    head: 'develop',
    message: 'Install',
    author,
    pusher: alice,
  });

/** One test. */
export type Work = (repositories: Repositories, subject: RepositoriesUnderTest) => Promise<void>;

/** Runs a test with repositories of its own. */
export type WithRepositories = (work: Work) => () => Promise<void>;
