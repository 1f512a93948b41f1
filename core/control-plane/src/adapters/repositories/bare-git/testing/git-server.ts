import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Actor } from '@catalyst/model/authorization.ts';
import Fastify from 'fastify';
import { registerGitRoutes } from '../../../../api/git/git-routes.ts';
import type { Repositories } from '../../../../ports/repositories.ts';
import { logger } from './repositories-kit.ts';

/** Tokens that the test server knows: Alice, Dana and Erin write, Bob reads, Carol may not know of anything. */
export type TestToken = 'alice' | 'bob' | 'carol' | 'dana' | 'erin';

/** Serves repositories over real HTTP; gives the origin and what stops it. */
export async function startGitServer(repositories: Repositories): Promise<{
  port: number;
  urlOf(token: TestToken | 'nobody', path: string): string;
  stop(): Promise<void>;
}> {
  const app = Fastify({ forceCloseConnections: true });
  registerGitRoutes(app, {
    repositories,
    authenticate: async (token) =>
      ['alice', 'bob', 'carol', 'dana', 'erin'].includes(token) ? actorOf(token) : undefined,
    authorizeRepository: async (actor, _repository, access) => {
      if (actor.id === 'carol') return 'hidden';
      return ['alice', 'dana', 'erin'].includes(actor.id) || access === 'read' ? 'allowed' : 'denied';
    },
    logger,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    urlOf: (token, path) => `http://any:${token}@127.0.0.1:${port}/git/${path}`,
    stop: () => app.close(),
  };
}

function actorOf(id: string): Actor {
  return { id, name: id, email: `${id}@example.com`, sovereignAdmin: false, memberships: [], surface: 'git' };
}

/** What a Git client answered. */
export interface ClientAnswer {
  readonly ok: boolean;
  readonly output: string;
}

/** A Git client with a home of its own, as a person has it. */
export function createGitClient(
  directory: string,
): (folder: string, ...args: string[]) => Promise<ClientAnswer> {
  const home = join(directory, 'home');
  mkdirSync(home, { recursive: true });
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Dev',
    GIT_AUTHOR_EMAIL: 'dev@example.com',
    GIT_COMMITTER_NAME: 'Dev',
    GIT_COMMITTER_EMAIL: 'dev@example.com',
  };
  return (folder, ...args) =>
    new Promise((resolve) => {
      execFile('git', args, { cwd: join(directory, folder), env, timeout: 60_000 }, (error, stdout, stderr) =>
        resolve({ ok: error === null, output: `${stdout}${stderr}` }),
      );
    });
}
