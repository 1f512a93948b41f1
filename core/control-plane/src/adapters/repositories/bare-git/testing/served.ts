import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PullRequestDoor } from '../../../../ports/repositories.ts';
import type { BareGitRepositoriesOptions } from '../bare-git-repositories.ts';
import { createGitClient, startGitServer } from './git-server.ts';
import { startKit } from './repositories-kit.ts';

/** The repository that is served. */
export const shop = { organization: 'acme', name: 'shop' };

/** A served repository and a clone of it. */
export async function startServed(more: Partial<BareGitRepositoriesOptions> = {}, door?: PullRequestDoor) {
  const kit = await startKit(more, door);
  const server = await startGitServer(kit.repositories);
  const git = createGitClient(kit.directory);
  const made = await kit.repositories.create({
    repository: shop,
    branches: { develop: { 'base/a.yaml': 'a: 1\n', 'b.txt': 'b'.repeat(2000) }, main: {} },
    head: 'develop',
    message: 'Install',
    author: { name: 'A', email: 'a@x' },
    pusher: { id: 'u', name: 'A', surface: 'console' },
  });
  assert.ok(made.ok);
  const url = server.urlOf('alice', 'acme/shop.git');
  const cloned = await git('.', 'clone', '-q', url, 'work');
  assert.ok(cloned.ok, cloned.output);
  const work = (...args: string[]) => git('work', ...args);
  return {
    ...kit,
    server,
    git,
    work,
    write(path: string, content: string | Uint8Array) {
      mkdirSync(join(kit.directory, 'work', dirname(path)), { recursive: true });
      writeFileSync(join(kit.directory, 'work', path), content);
    },
    async commitAndPush(...refspec: string[]) {
      await work('add', '-A');
      await work('commit', '-q', '-m', 'Edit');
      return work('push', 'origin', ...(refspec.length > 0 ? refspec : ['develop']));
    },
    async stop() {
      await server.stop();
      await kit.dispose();
    },
  };
}

/** Runs a test with one, and takes it down. */
export function withServed(
  work: (served: Awaited<ReturnType<typeof startServed>>) => Promise<void>,
  more: Partial<BareGitRepositoriesOptions> = {},
) {
  return async () => {
    const served = await startServed(more);
    try {
      await work(served);
    } finally {
      await served.stop();
    }
  };
}
