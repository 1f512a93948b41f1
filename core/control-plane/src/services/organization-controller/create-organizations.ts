import type { Actor } from '@catalyst/model/authorization.ts';
import { checkOrganizationSlug, type EnvType, environmentName, envTypes } from '@catalyst/model/names.ts';
import { CatalystError, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { environmentPath, organizationPath, toConfigFile } from '@catalyst/model/resources/config-tree.ts';
import type { Environment, Organization } from '@catalyst/model/resources/organization.ts';
import type { EventSpine } from '../../events/event-spine.ts';
import type { FileChanges } from '../../ports/repositories.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { ApplicationController } from '../application-controller/application-controller.ts';
import {
  createDeclareBranches,
  type DeclareBranchesDeps,
} from '../environment-controller/declare-branches.ts';
import { createDeletions, type DeletionsDeps } from '../environment-controller/deletions.ts';
import { eachRow } from '../projector/rows.ts';
import { configBranch, configRepository } from '../receiving/config-repository.ts';
import { type Committer, commitConfig, ensureConfigRepository } from './config-repository.ts';
import { type Contents, type ContentsDeps, createContents } from './contents.ts';
import type { NewEnvironment, Organizations } from './organizations.ts';
import { announce, type Gone, reconcileConfig } from './reconcile-config.ts';
import {
  type DeletionRow,
  deletionsTable,
  environmentsTable,
  organizationsTable,
} from './resource-tables.ts';

/** What the service needs. */
export interface OrganizationsDeps
  extends Omit<DeletionsDeps, 'commit' | 'forget' | 'secrets' | 'applications'>,
    Omit<ContentsDeps, 'repositories' | 'workloads' | 'applications' | 'secrets'>,
    Pick<DeclareBranchesDeps, 'examine'> {
  readonly spine: Pick<EventSpine, 'publish' | 'subscribe'>;
  readonly secrets: Pick<Secrets, 'delete' | 'metadata'>;
  readonly applications: Pick<ApplicationController, 'list' | 'remove' | 'takeUp'>;
}

/** The service with its life. */
export type RunningOrganizations = Organizations & {
  /** Makes the repository, reconciles, resumes deletions, follows pushes. `Repositories` must have started. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Deletions under way, with what they are doing. */
  deletions(): Promise<DeletionRow[]>;
  readonly contents: Contents;
};

const apiVersion = 'catalyst.openova.io/v1alpha1' as const;

/** Creates the service; nothing runs before `start`. */
export function createOrganizations(deps: OrganizationsDeps): RunningOrganizations {
  const { database, repositories } = deps;
  const organizations = database.table(organizationsTable);
  const environments = database.table(environmentsTable);
  const stopping = new AbortController();
  let turn: Promise<unknown> = Promise.resolve();
  let subscription: { stop(): Promise<void> } | undefined;

  /** Decisions are made one after another, each from what the one before has committed. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = turn.then(work, work);
    turn = next.catch(() => undefined);
    return next;
  }

  const declaring = createDeclareBranches(deps);
  const contents = createContents(deps);

  /** A push that takes files away has named what is lost; an Environment goes with its Organization. */
  async function beginDeletion(by: Committer, { kind, name, organization }: Gone): Promise<void> {
    if (kind === 'Environment' && (await database.table(deletionsTable).get(organization))) return;
    await deletions.begin(by, kind, name, organization);
  }
  const reconcile = () =>
    reconcileConfig({ ...deps, beginDeletion, declareBranches: declaring.begin }, stopping.signal);

  /** The files are gone: the rows follow, with that of the deletion, and the name is free. */
  function forget(row: DeletionRow): Promise<void> {
    return inTurn(async () => {
      const gone = await database.transaction(async (tables) => {
        const where = { organization: row.organization };
        const names =
          row.kind === 'Environment'
            ? [row.name]
            : (await tables.table(environmentsTable).list({ where, limit: 1_000 })).map(({ name }) => name);
        for (const name of names) await tables.table(environmentsTable).delete(name);
        if (row.kind === 'Organization') await tables.table(organizationsTable).delete(row.name);
        await tables.table(deletionsTable).delete(row.name);
        return names;
      });
      const revision = (await repositories.head(configRepository, configBranch)) ?? '';
      const deleted = (kind: DeletionRow['kind'], name: string) => ({ kind, name, deleted: true, revision });
      const changes = gone.map((name) => deleted('Environment', name));
      if (row.kind === 'Organization') changes.push(deleted('Organization', row.name));
      void announce(deps, changes, stopping.signal);
    });
  }

  const commit: DeletionsDeps['commit'] = (actor, message, decide) =>
    inTurn(() => commitConfig(repositories, actor, message, reconcile, decide));
  const deletions = createDeletions({ ...deps, commit, forget });

  async function taken(name: string): Promise<Problem | undefined> {
    if (await database.table(deletionsTable).get(name))
      return {
        code: 'BeingDeleted',
        field: 'name',
        message: `"${name}" is being deleted. Wait until that has ended, or choose another name.`,
      };
    if ((await organizations.get(name)) ?? (await environments.get(name)))
      return { code: 'NameTaken', field: 'name', message: `The name "${name}" is taken. Choose another.` };
    return undefined;
  }

  /** What an Organization of that name left behind must not come to another one. */
  async function leftOver(name: string): Promise<Problem | undefined> {
    const left = await contents(name);
    return left.length === 0
      ? undefined
      : {
          code: 'NameTaken',
          field: 'name',
          message: `An Organization "${name}" was here before and left: ${left.join('; ')}. Choose another name. A sovereign-admin can bring the old one back with git push -o restore=${name} to system/catalyst-config, and then delete it.`,
        };
  }

  async function create(
    actor: Actor,
    input: { name: string; displayName?: string; environments: readonly EnvType[] },
  ): Promise<Result<Organization>> {
    const slug = checkOrganizationSlug(input.name);
    if (!slug.ok) return slug;
    const types = [...new Set(input.environments)];
    const problems = [...checkTypes(types), ...checkDisplayName(input.displayName)];
    if (problems.length > 0) return refused(...problems);
    const resource: Organization = {
      apiVersion,
      kind: 'Organization',
      metadata: { name: input.name },
      spec: input.displayName === undefined ? {} : { displayName: input.displayName },
    };
    const changes: Record<string, string> = { [organizationPath(input.name)]: toConfigFile(resource) };
    for (const envType of types) {
      const made = toEnvironment(input.name, { envType });
      changes[environmentPath(made.metadata.name)] = toConfigFile(made);
    }
    const done = await commit(actor, `Create the Organization ${input.name}`, async () => {
      const problem = (await taken(input.name)) ?? (await leftOver(input.name));
      return problem ? refused(problem) : ok<FileChanges>(changes);
    });
    return done.ok ? ok(resource) : done;
  }

  async function createEnvironment(
    actor: Actor,
    organization: string,
    input: NewEnvironment,
  ): Promise<Result<Environment>> {
    const problems = [...checkTypes([input.envType]), ...checkDisplayName(input.displayName)];
    if (problems.length > 0) return refused(...problems);
    const resource = toEnvironment(organization, input);
    const { name } = resource.metadata;
    const done = await commit(actor, `Create the Environment ${name}`, async () => {
      if (!(await organizations.get(organization))) return refused(notFound('Organization', organization));
      const problem = (await database.table(deletionsTable).get(organization))
        ? await taken(organization)
        : await taken(name);
      if (problem) return refused(problem);
      return ok<FileChanges>({ [environmentPath(name)]: toConfigFile(resource) });
    });
    return done.ok ? ok(resource) : done;
  }

  async function remove(
    actor: Actor,
    kind: 'Organization' | 'Environment',
    name: string,
    confirm: string,
  ): Promise<Result<void>> {
    const row = kind === 'Organization' ? await organizations.get(name) : await environments.get(name);
    if (!row) return refused(notFound(kind, name));
    if (confirm !== name)
      return refused({
        code: 'NotConfirmed',
        field: 'confirm',
        message: `Nothing was deleted: type the exact name "${name}" to confirm.`,
      });
    const organization = 'organization' in row ? row.organization : name;
    await deletions.begin(actor, kind, name, organization);
    return ok(undefined);
  }

  return {
    async start() {
      const known = (await organizations.count()) > 0;
      // To begin with an empty one would uninstall everything.
      if (known && !(await repositories.exists(configRepository)))
        throw new CatalystError(
          'Unavailable',
          'The repository system/catalyst-config is missing. Restore it from a backup.',
        );
      await ensureConfigRepository(repositories);
      await inTurn(reconcile);
      await deletions.start();
      for await (const { name, undeclared } of eachRow(environments, (row) => row.name))
        if (undeclared) declaring.begin(name);
      subscription = await deps.spine.subscribe('organization-controller', 'sv.git.>', async ({ event }) => {
        if (event.type !== 'io.openova.catalyst.git.ref-updated') return;
        const { organization, repository } = event.data;
        if (organization === configRepository.organization && repository === configRepository.name)
          await inTurn(reconcile);
      });
    },
    async stop() {
      stopping.abort();
      await subscription?.stop();
      await Promise.all([deletions.stop(), declaring.stop()]);
      await turn;
    },
    async list() {
      return (await organizations.list({ limit: 10_000 })).map(({ resource }) => resource);
    },
    async get(name) {
      return (await organizations.get(name))?.resource;
    },
    async environments(organization) {
      const where = organization === undefined ? {} : { where: { organization } };
      return (await environments.list({ ...where, limit: 10_000 }))
        .map(({ resource }) => resource)
        .toSorted((left, right) => order(left) - order(right));
    },
    async environment(name) {
      return (await environments.get(name))?.resource;
    },
    create,
    createEnvironment,
    deletion: (organization, environment) => deletions.preview(organization, environment),
    delete: (actor, organization, confirm) => remove(actor, 'Organization', organization, confirm),
    deleteEnvironment: (actor, environment, confirm) => remove(actor, 'Environment', environment, confirm),
    contents,
    deletions: () => database.table(deletionsTable).list(),
  };
}

function toEnvironment(organization: string, { envType, displayName, size }: NewEnvironment): Environment {
  return {
    apiVersion,
    kind: 'Environment',
    metadata: { name: environmentName(organization, envType) },
    spec: {
      organization,
      envType,
      ...(displayName === undefined ? {} : { displayName }),
      ...(size === undefined ? {} : { size }),
    },
  };
}

function order(environment: Environment): number {
  return envTypes.indexOf(environment.spec.envType);
}

function checkTypes(types: readonly EnvType[]): Problem[] {
  return types
    .filter((type) => !envTypes.includes(type))
    .map((type) => ({
      code: 'InvalidEnvType',
      field: 'environments',
      message: `"${String(type).slice(0, 40)}" is no environment type. Choose from ${envTypes.join(', ')}.`,
    }));
}

function checkDisplayName(name: string | undefined): Problem[] {
  return name !== undefined && (name.length > 80 || name.trim() === '')
    ? [
        {
          code: 'InvalidDisplayName',
          field: 'displayName',
          message: 'A display name has 1 to 80 characters.',
        },
      ]
    : [];
}

function notFound(kind: string, name: string): Problem {
  return { code: 'NotFound', message: `There is no ${kind} "${name}".` };
}
