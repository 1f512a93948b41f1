import { branchOf, environmentName, envTypes, parseEnvironmentName } from '@catalyst/model/names.ts';
import type { Result } from '@catalyst/model/problem.ts';
import { ok } from '@catalyst/model/problem.ts';
import { environmentPath, organizationPath } from '@catalyst/model/resources/config-tree.ts';
import { policyPath } from '@catalyst/model/resources/environment-policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import type { FileChanges, Repositories } from '../../ports/repositories.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Workloads } from '../../ports/workloads.ts';
import type { ApplicationController } from '../application-controller/application-controller.ts';
import { forgetOrganization } from '../history/changes.ts';
import type { Committer } from '../organization-controller/config-repository.ts';
import type { Deletion } from '../organization-controller/organizations.ts';
import {
  type DeletionRow,
  deletionsTable,
  environmentsTable,
} from '../organization-controller/resource-tables.ts';

/** What deleting needs. */
export interface DeletionsDeps {
  readonly repositories: Repositories;
  readonly database: Database;
  readonly workloads: Pick<Workloads, 'volumes' | 'deleteVolumes'>;
  readonly secrets: Pick<Secrets, 'delete'>;
  readonly applications: Pick<ApplicationController, 'list' | 'remove'>;
  /** Forgets the memberships of an Organization. Idempotent. */
  readonly removeMemberships: (organization: string) => Promise<void>;
  /** Forgets what is kept of an Environment beside its Applications. Idempotent. */
  readonly forgetEnvironment: (environment: string) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Commits to `system/catalyst-config` and reconciles. */
  readonly commit: (
    actor: Committer,
    message: string,
    decide: () => Promise<Result<FileChanges | null>>,
  ) => Promise<Result<void>>;
  /** Forgets the rows of what is gone, and of the deletion itself, in one step. */
  readonly forget: (row: DeletionRow) => Promise<void>;
}

const pauseMs = 200;
/** A change that was judged before the deletion began is a commit by then, and is found. */
const settleMs = 2_000;

/** Deletes Organizations and Environments step by step; each step may be repeated, so a crash is gone on from. */
export function createDeletions(deps: DeletionsDeps) {
  const { repositories, database, clock, logger } = deps;
  const rows = database.table(deletionsTable);
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();

  async function environmentsOf(row: DeletionRow): Promise<string[]> {
    if (row.kind === 'Environment') return [row.name];
    const found = await database
      .table(environmentsTable)
      .list({ where: { organization: row.organization }, limit: 1_000 });
    // Also what one left behind that is not in the configuration: nobody could delete that later.
    const possible = envTypes.map((envType) => environmentName(row.organization, envType));
    return [...new Set([...found.map(({ name }) => name), ...possible])];
  }

  async function say(row: DeletionRow, progress: string): Promise<void> {
    const current = await rows.get(row.name);
    if (current && current.progress !== progress) await rows.put({ ...current, progress });
  }

  /** One pass; true when nothing is left to do. */
  async function pass(row: DeletionRow): Promise<boolean> {
    if (row.kind === 'Organization') await deleteRepositories(row);
    else await uninstallByCommit(row);
    const where = row.kind === 'Organization' ? { organization: row.name } : { environment: row.name };
    const left = await deps.applications.list(where);
    if (left.length > 0) {
      const names = left.slice(0, 5).map(({ application }) => application);
      await say(row, `Waits until ${left.length} Applications are gone: ${names.join(', ')}.`);
      return false;
    }
    if (clock.now() - Date.parse(row.startedAt) < settleMs) {
      await say(row, 'Waits a moment for changes that had begun before.');
      return false;
    }
    for (const environment of await environmentsOf(row)) {
      if (!(await deleteVolumes(environment))) {
        await say(row, `Waits until the data volumes of ${environment} are deleted.`);
        return false;
      }
      await deps.secrets.delete(`${environment}/`);
      await deps.forgetEnvironment(environment);
    }
    if (row.kind === 'Organization') {
      await deps.removeMemberships(row.name);
      await database.transaction((tables) => forgetOrganization(tables, row.name));
    }
    await say(row, 'Removes it from the configuration.');
    const done = await deps.commit(row.actor, `Delete the ${row.kind} ${row.name}`, () => configChanges(row));
    if (!done.ok) throw new Error(done.problems[0]?.message ?? 'the configuration could not be changed');
    await deps.forget(row);
    return true;
  }

  async function configChanges(row: DeletionRow): Promise<Result<FileChanges | null>> {
    const changes: Record<string, null> = {};
    const known = await database
      .table(environmentsTable)
      .list({ where: { organization: row.organization }, limit: 1_000 });
    const config = { organization: 'system', name: 'catalyst-config' };
    const head = await repositories.head(config, 'main');
    const removeIfThere = async (path: string) => {
      if (head && (await repositories.read(config, head, path))) changes[path] = null;
    };
    for (const { name } of known)
      if (row.kind === 'Organization' || name === row.name)
        for (const path of [environmentPath(name), policyPath(name)]) await removeIfThere(path);
    if (row.kind === 'Organization') await removeIfThere(organizationPath(row.name));
    return ok(Object.keys(changes).length > 0 ? changes : null);
  }

  /** Repositories go first: nothing can be pushed any more that would come back. */
  async function deleteRepositories(row: DeletionRow): Promise<void> {
    await say(row, 'Deletes the repositories and stops the Applications.');
    for (const name of await repositories.list(row.name))
      await repositories.delete({ organization: row.name, name });
    for (const { environment, application, removing } of await deps.applications.list({
      organization: row.name,
    }))
      if (!removing) await deps.applications.remove(environment, application);
  }

  async function uninstallByCommit(row: DeletionRow): Promise<void> {
    const envType = parseEnvironmentName(row.name)?.envType;
    if (!envType) return;
    await say(row, 'Uninstalls the Applications.');
    const branch = branchOf(envType);
    for (const name of await repositories.list(row.organization)) {
      const repository = { organization: row.organization, name };
      const head = await repositories.head(repository, branch);
      if (head === undefined) continue;
      if ((await repositories.read(repository, head, 'base/application.yaml')) === undefined) continue;
      const changes: Record<string, null> = {};
      for (const { path } of await repositories.files(repository, head))
        if (path.startsWith('base/') || path.startsWith(`overlays/${envType}/`)) changes[path] = null;
      const { id, name: by, email, surface } = row.actor;
      const done = await repositories.commit({
        repository,
        branch,
        expectedHead: head,
        changes,
        message: `Uninstall ${name} from ${row.name}, which is being deleted`,
        author: { name: by, email },
        pusher: { id, name: by, surface },
      });
      if (!done.ok)
        logger.warn({ repository, problems: done.problems }, 'an uninstall was refused; trying again');
    }
  }

  async function deleteVolumes(environment: string): Promise<boolean> {
    const claims = new Map<string, string[]>();
    for (const { application, claim } of await deps.workloads.volumes(environment))
      claims.set(application, [...(claims.get(application) ?? []), claim]);
    for (const [application, names] of claims)
      await deps.workloads.deleteVolumes(environment, application, names);
    return (await deps.workloads.volumes(environment)).length === 0;
  }

  async function run(row: DeletionRow): Promise<void> {
    for (let waitMs = pauseMs; !stopping.signal.aborted; waitMs = Math.min(waitMs * 1.5, 5_000)) {
      try {
        if (await pass(row)) {
          logger.info({ kind: row.kind, name: row.name }, 'deleted');
          return;
        }
      } catch (error) {
        logger.warn({ err: error, name: row.name }, 'a deletion could not go on; trying again');
        waitMs = Math.max(waitMs, 1_000);
      }
      await clock.sleep(waitMs, stopping.signal);
    }
  }

  function resume(row: DeletionRow): void {
    if (running.has(row.name)) return;
    running.set(
      row.name,
      run(row).finally(() => running.delete(row.name)),
    );
  }

  return {
    /** Goes on with what a crash left. */
    async start(): Promise<void> {
      for (const row of await rows.list({ limit: 10_000 })) resume(row);
    },
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.all(running.values());
    },
    /** Resolves once the deletion is durable; it then goes on by itself. One that is under way stays what it is. */
    async begin(
      actor: Committer,
      kind: DeletionRow['kind'],
      name: string,
      organization: string,
    ): Promise<void> {
      const { id, name: by, email, surface } = actor;
      const startedAt = new Date(clock.now()).toISOString();
      const row = {
        name,
        kind,
        organization,
        actor: { id, name: by, email, surface },
        startedAt,
        progress: 'Begins.',
      };
      await rows.insert(row);
      resume((await rows.get(name)) ?? row);
    },
    /** What would be lost. */
    async preview(organization: string, environment?: string): Promise<Deletion> {
      const all = await database.table(environmentsTable).list({ where: { organization }, limit: 1_000 });
      const environments = environment === undefined ? all.map(({ name }) => name) : [environment];
      const where = environment === undefined ? { organization } : { environment };
      const applications = await deps.applications.list(where);
      const volumes = await Promise.all(environments.map((name) => deps.workloads.volumes(name)));
      const repositoryNames = environment === undefined ? await repositories.list(organization) : [];
      return {
        environments,
        applications: applications.map((row) => `${row.environment}/${row.application}`),
        repositories: repositoryNames.map((name) => `${organization}/${name}`),
        volumes: volumes.flat().map(({ environment: of, application, claim, sizeBytes }) => ({
          environment: of,
          application,
          claim,
          sizeBytes,
        })),
      };
    },
  };
}
