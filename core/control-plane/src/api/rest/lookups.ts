import type { Actor } from '@catalyst/model/authorization.ts';
import { branchOf, parseEnvironmentName } from '@catalyst/model/names.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import { applicationKey, applicationsPrefix, filledKey } from '@catalyst/model/projection/keys.ts';
import type { Environment, Organization } from '@catalyst/model/resources/organization.ts';
import type {
  ApplicationView,
  EnvironmentView,
  OrganizationView,
} from '@catalyst/model/views/application-view.ts';
import { notFound } from '../http/route-access.ts';
import type { ApiDeps } from './api-deps.ts';

/** While the read model is made anew it knows too little: better to say so than to show Applications as gone. */
function checkFilled({ readModel }: Pick<ApiDeps, 'readModel'>): void {
  if (readModel.get<{ epoch: string }>(filledKey)?.value.epoch !== readModel.epoch())
    throw new CatalystError(
      'Unavailable',
      'The picture of the Applications is being rebuilt. Try again in a moment.',
      {
        retry: 'later',
      },
    );
}

/** Every Application of an Environment, by name. */
export function applicationViews(deps: Pick<ApiDeps, 'readModel'>, environment: string): ApplicationView[] {
  checkFilled(deps);
  return deps.readModel.list<ApplicationView>(applicationsPrefix(environment)).map((entry) => entry.value);
}

/** One Application where the picture shows it. */
export function findApplicationView(
  deps: Pick<ApiDeps, 'readModel'>,
  environment: string,
  application: string,
): ApplicationView | undefined {
  checkFilled(deps);
  return deps.readModel.get<ApplicationView>(applicationKey(environment, application))?.value;
}

/** One Application; throws `NotFound`. */
export function applicationView(
  deps: Pick<ApiDeps, 'readModel'>,
  environment: string,
  application: string,
): ApplicationView {
  checkFilled(deps);
  const entry = deps.readModel.get<ApplicationView>(applicationKey(environment, application));
  if (!entry) throw notFound(`There is no Application "${application}" in ${environment}.`);
  return entry.value;
}

/** The Organization; throws `NotFound` in the same words as for one that the caller may not see. */
export async function organizationOf(deps: ApiDeps, name: string): Promise<Organization> {
  const found = await deps.organizations.get(name);
  if (!found) throw notFound();
  return found;
}

/** The Environment; throws `NotFound` in the same words as for one that the caller may not see. */
export async function environmentOf(
  deps: ApiDeps,
  name: string,
  organization?: string,
): Promise<Environment> {
  const parsed = parseEnvironmentName(name);
  const belongs = parsed && (organization === undefined || parsed.organization === organization);
  const found = belongs ? await deps.organizations.environment(name) : undefined;
  if (!found) throw notFound();
  return found;
}

/** Environments that a person may see, by name. */
export async function visibleEnvironments(
  deps: ApiDeps,
  actor: Actor,
  organization?: string,
): Promise<Environment[]> {
  const list = actor.sovereignAdmin
    ? await deps.organizations.environments(organization)
    : (
        await Promise.all(
          actor.memberships
            .filter((membership) => organization === undefined || membership.organization === organization)
            .map((membership) => deps.organizations.environments(membership.organization)),
        )
      ).flat();
  return list.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** An Environment with the number of its Applications by state. */
export function toEnvironmentView(
  environment: Environment,
  views: readonly ApplicationView[],
): EnvironmentView {
  const { organization, envType, displayName, size } = environment.spec;
  const applications: Record<string, number> = {};
  for (const { state } of views) applications[state] = (applications[state] ?? 0) + 1;
  return {
    name: environment.metadata.name,
    organization,
    envType,
    ...(displayName === undefined ? {} : { displayName }),
    ...(size === undefined ? {} : { size }),
    branch: branchOf(envType),
    applications,
  };
}

/** An Organization with the caller's own role. */
export function toOrganizationView(
  organization: Organization,
  environments: readonly Environment[],
  actor: Actor,
): OrganizationView {
  const { name } = organization.metadata;
  const { displayName } = organization.spec;
  const membership = actor.memberships.find((entry) => entry.organization === name);
  return {
    name,
    ...(displayName === undefined ? {} : { displayName }),
    environments: environments.map((environment) => environment.metadata.name).sort(),
    ...(membership ? { role: membership.role } : {}),
  };
}
