import type { Actor } from '@catalyst/model/authorization.ts';
import { CatalystError, ok, type Result } from '@catalyst/model/problem.ts';
import type { FileChanges, Repositories } from '../../ports/repositories.ts';
import { configBranch, configRepository } from '../receiving/config-repository.ts';

const readme = `# catalyst-config

The Organizations and Environments of this Sovereign.

- \`organizations/<name>.yaml\`: an Organization
- \`environments/<organization>-<env_type>.yaml\`: an Environment of it
- \`policies/<organization>-<env_type>-policy.yaml\`: what changes of that Environment must meet (EnvironmentPolicy)

A push is checked before it is accepted and has the same effect as the console; a policy that is there is changed by a proposal that
somebody else approves, never by a push. Removing the file of an Organization or Environment deletes it with its data, as the
console does. Where something would be lost, the push is refused and says what, until it says the exact name:
\`git push -o delete=<name>\`.
`;

/** Who commits. */
export type Committer = Pick<Actor, 'id' | 'name' | 'email' | 'surface'>;

/** Catalyst itself. */
export const system: Committer = {
  id: 'system',
  name: 'Catalyst',
  email: 'catalyst@localhost',
  surface: 'system',
};
const mostAttempts = 20;

/** Makes the repository when it is missing; running it twice, or at once, is free. */
export async function ensureConfigRepository(repositories: Repositories): Promise<void> {
  if (await repositories.exists(configRepository)) return;
  const { id, name, email, surface } = system;
  const made = await repositories.create({
    repository: configRepository,
    branches: { [configBranch]: { 'README.md': readme } },
    head: configBranch,
    message: 'Begin the configuration of this Sovereign',
    author: { name, email },
    pusher: { id, name, surface },
  });
  if (!made.ok && made.problems[0]?.code !== 'Conflict')
    throw new CatalystError('Internal', 'system/catalyst-config could not be made.', {
      problems: made.problems,
    });
}

/**
 * One commit, decided from the reconciled state. `decide` is asked again whenever somebody else was faster; null: nothing is to
 * be done.
 */
export async function commitConfig(
  repositories: Pick<Repositories, 'commit'>,
  actor: Committer,
  message: string,
  reconcile: () => Promise<string>,
  decide: () => Promise<Result<FileChanges | null>>,
): Promise<Result<void>> {
  for (let attempt = 1; ; attempt += 1) {
    const head = await reconcile();
    const decided = await decide();
    if (!decided.ok) return decided;
    if (decided.value === null) return ok(undefined);
    const committed = await repositories.commit({
      repository: configRepository,
      branch: configBranch,
      expectedHead: head,
      changes: decided.value,
      message,
      author: { name: actor.name, email: actor.email },
      pusher: { id: actor.id, name: actor.name, surface: actor.surface },
    });
    if (committed.ok) {
      await reconcile();
      return ok(undefined);
    }
    if (committed.problems[0]?.code !== 'Conflict' || attempt >= mostAttempts) return committed;
  }
}
