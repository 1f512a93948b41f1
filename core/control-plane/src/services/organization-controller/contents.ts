import { type EnvType, environmentName, envTypes } from '@catalyst/model/names.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Workloads } from '../../ports/workloads.ts';
import type { ApplicationController } from '../application-controller/application-controller.ts';

/** What is asked for what a name holds. */
export interface ContentsDeps {
  readonly repositories: Pick<Repositories, 'list'>;
  readonly workloads: Pick<Workloads, 'volumes'>;
  readonly secrets: Pick<Secrets, 'metadata'>;
  readonly applications: Pick<ApplicationController, 'list'>;
  /** What else is kept under the name of an Organization, in words: members, webhooks. */
  readonly keptOf: (organization: string) => Promise<readonly string[]>;
}

/**
 * What an Organization, or an Environment of it, holds, in words; nothing where nothing would be lost. Asked by name, whether the
 * configuration has that name or not.
 */
export type Contents = (organization: string, environment?: string) => Promise<readonly string[]>;

/** Makes the question. */
export function createContents(deps: ContentsDeps): Contents {
  return async (organization, environment) => {
    const environments =
      environment === undefined
        ? envTypes.map((envType: EnvType) => environmentName(organization, envType))
        : [environment];
    const installed = await deps.applications.list(
      environment === undefined ? { organization } : { environment },
    );
    const repositories = environment === undefined ? await deps.repositories.list(organization) : [];
    const volumes = (await Promise.all(environments.map((name) => deps.workloads.volumes(name)))).flat();
    const secrets = (await Promise.all(environments.map((name) => deps.secrets.metadata(`${name}/`)))).flat();
    return [
      ...count(
        ['Application', 'Applications'],
        installed.map((row) => `${row.environment}/${row.application}`),
      ),
      ...count(
        ['repository', 'repositories'],
        repositories.map((name) => `${organization}/${name}`),
      ),
      ...count(
        ['data volume', 'data volumes'],
        volumes.map((volume) => `${volume.environment}/${volume.application}/${volume.claim}`),
      ),
      ...count(
        ['secret', 'secrets'],
        secrets.map(({ path }) => path),
      ),
      ...(environment === undefined ? await deps.keptOf(organization) : []),
    ];
  };
}

const mostNamed = 5;

function count([one, many]: readonly [string, string], names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > mostNamed ? ', …' : '';
  return [
    `${names.length} ${names.length === 1 ? one : many} (${names.slice(0, mostNamed).join(', ')}${more})`,
  ];
}
