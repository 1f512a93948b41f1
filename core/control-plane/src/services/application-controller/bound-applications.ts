import { basePaths } from '@catalyst/model/application-repository/paths.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { Installations } from './installations.ts';

/**
 * Names of the Applications of an Environment that are bound to one of them. The rows say which may be; Git, which already knows
 * of an uninstall that the rows have yet to hear of, says which still are installed.
 */
export async function boundApplications(
  deps: {
    readonly installations: Installations;
    readonly repositories: Pick<Repositories, 'exists' | 'head' | 'read'>;
  },
  scope: { readonly organization: string; readonly environment: string; readonly branch: string },
  application: string,
): Promise<string[]> {
  const users: string[] = [];
  for (const row of await deps.installations.list({ environment: scope.environment })) {
    if (!row.declaration.bindings.some((binding) => binding.application === application)) continue;
    const repository = { organization: scope.organization, name: row.application };
    const head = (await deps.repositories.exists(repository))
      ? await deps.repositories.head(repository, scope.branch)
      : undefined;
    if (head !== undefined && (await deps.repositories.read(repository, head, basePaths.application)))
      users.push(row.application);
  }
  return users;
}
