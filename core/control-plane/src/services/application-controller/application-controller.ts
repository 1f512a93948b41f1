import type { RefUpdated, ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { makeEvent } from '@catalyst/model/events/make-event.ts';
import { environmentSubject, sovereignSubject } from '@catalyst/model/events/subjects.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { EventSpine } from '../../events/event-spine.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { GitOps } from '../../ports/gitops.ts';
import type { Logger } from '../../ports/logger.ts';
import type { RefUpdateSink, Repositories, RepositoryName } from '../../ports/repositories.ts';
import { recordChange } from '../history/changes.ts';
import { createOutcomes } from '../history/outcomes.ts';
import { eachRow } from '../projector/rows.ts';
import { type Installation, installationsTable } from './installations.ts';

/** What the application-controller needs. */
export interface ApplicationControllerDeps {
  readonly spine: Pick<EventSpine, 'publish' | 'subscribe'>;
  readonly database: Database;
  readonly gitops: Pick<GitOps, 'declare'>;
  readonly repositories: Pick<Repositories, 'head'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps the tables `installations` and `changes` in step with Git and tells the GitOps engine what shall run. */
export interface ApplicationController {
  /**
   * Give it to `Repositories.start`. The rows are durable before the event is published, and the event is acknowledged before
   * the intent is cleared: a stream that loses its tail in a power cut loses nothing that a start does not declare again.
   */
  readonly sink: RefUpdateSink;
  /** Declares everything that is installed, without looking at Git, then follows the stream. The engine must have started. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Call it with every status of the engine: it settles what became of changes, and what it says is removed is forgotten. */
  reported(status: ReleaseStatus): void;
  /** Takes an Application away whose repository is gone or going. Idempotent. */
  remove(environment: string, application: string): Promise<void>;
  /** Takes up what a branch holds though nothing is recorded of it, or that it is being removed. Idempotent. */
  takeUp(installed: Omit<Installation, 'id' | 'sequence' | 'removing'>): Promise<void>;
  /** What is installed, including what is being removed. */
  list(where: { readonly environment?: string; readonly organization?: string }): Promise<Installation[]>;
}

/** Sequence of what was taken up from a branch: any update of the repository may be older or newer, so the head decides. */
const takenUp = 0;

/** Creates the controller. */
export function createApplicationController(deps: ApplicationControllerDeps): ApplicationController {
  const { database, gitops, logger } = deps;
  const table = database.table(installationsTable);
  const outcomes = createOutcomes(deps);
  const forgetting = new Set<Promise<void>>();
  let subscription: { stop(): Promise<void> } | undefined;

  function declare(row: Installation): void {
    gitops.declare({
      organization: row.organization,
      environment: row.environment,
      application: row.application,
      branch: row.branch,
      revision: row.revision,
      declaration: row.removing ? null : row.declaration,
    });
  }

  /** A repository that was deleted meanwhile has no head. */
  async function headOf(repository: RepositoryName, branch: string): Promise<string | undefined> {
    try {
      return await deps.repositories.head(repository, branch);
    } catch (error) {
      if (error instanceof CatalystError && error.code === 'NotFound') return undefined;
      throw error;
    }
  }

  async function record(update: RefUpdated): Promise<void> {
    const { declaration, environment } = update;
    if (declaration === undefined || !environment) return;
    const id = `${environment}/${declaration?.application ?? update.repository}`;
    const before = await table.get(id);
    if (before && before.sequence >= update.sequence) return;
    const branch = update.ref.replace(/^refs\/heads\//, '');
    const application = declaration?.application ?? update.repository;
    // Without a row there is nothing to compare with: an old event told again must not bring back what was uninstalled.
    const head =
      before && before.sequence !== takenUp
        ? update.newRevision
        : await headOf({ organization: update.organization, name: update.repository }, branch);
    if (head === undefined) return;
    await database.transaction(async (tables) => {
      const rows = tables.table(installationsTable);
      const current = await rows.get(id);
      if (current && current.sequence >= update.sequence) return;
      await recordChange(
        tables,
        { ...update, environment },
        { application, branch, installed: current !== undefined },
      );
      if (!current && (!declaration || head !== update.newRevision)) return;
      if (current?.sequence === takenUp && head !== update.newRevision) return;
      const known = declaration ?? current?.declaration;
      if (!known) return;
      await rows.put({
        id,
        organization: update.organization,
        environment,
        application: known.application,
        branch,
        revision: update.newRevision,
        sequence: update.sequence,
        removing: declaration === null,
        declaration: known,
        lastChange: {
          by: update.pusher.name,
          surface: update.pusher.surface,
          at: update.time,
          message: update.subject,
        },
      });
    });
  }

  async function forget(status: ReleaseStatus): Promise<void> {
    await database.transaction(async (tables) => {
      const rows = tables.table(installationsTable);
      const id = `${status.environment}/${status.application}`;
      if ((await rows.get(id))?.removing) await rows.delete(id);
    });
  }

  return {
    async sink(update) {
      await record(update);
      const { environment, organization, repository, newRevision, ref, sequence } = update;
      const subject = environment
        ? environmentSubject(environment, 'git', newRevision)
        : sovereignSubject('git', organization, repository, newRevision);
      const id = `${organization}/${repository}/${ref}/${newRevision}/${sequence}`;
      const source = `/repositories/${organization}/${repository}`;
      const time = deps.clock.now();
      await deps.spine.publish(
        subject,
        makeEvent('io.openova.catalyst.git.ref-updated', source, id, time, update),
      );
    },
    async start() {
      let count = 0;
      for await (const row of eachRow(table, ({ id }) => id)) {
        declare(row);
        count += 1;
      }
      logger.info({ applications: count }, 'installed Applications declared');
      subscription = await deps.spine.subscribe('application-controller', 'ws.*.git.>', async ({ event }) => {
        if (event.type !== 'io.openova.catalyst.git.ref-updated') return;
        const update = event.data;
        if (update.declaration === undefined || !update.environment) return;
        await record(update);
        const row = await table.get(
          `${update.environment}/${update.declaration?.application ?? update.repository}`,
        );
        if (row && row.sequence >= update.sequence) declare(row);
      });
    },
    async stop() {
      await subscription?.stop();
      await Promise.all(forgetting);
      await outcomes.settled();
    },
    reported(status) {
      outcomes.reported(status);
      if (!status.removed) return;
      // A row that stays behind is declared as removed by the next start, and reported again.
      const done = forget(status).catch((error: unknown) => {
        logger.warn(
          { err: error, application: status.application },
          'a removed Application could not be forgotten',
        );
      });
      forgetting.add(done);
      void done.finally(() => forgetting.delete(done));
    },
    async remove(environment, application) {
      const row = await database.transaction(async (tables) => {
        const rows = tables.table(installationsTable);
        const current = await rows.get(`${environment}/${application}`);
        if (!current) return undefined;
        const removing = { ...current, removing: true };
        await rows.put(removing);
        return removing;
      });
      if (row) declare(row);
    },
    async takeUp(installed) {
      const id = `${installed.environment}/${installed.application}`;
      const row = await database.transaction(async (tables) => {
        const rows = tables.table(installationsTable);
        const current = await rows.get(id);
        if (current && !current.removing) return undefined;
        const next = { ...installed, id, sequence: current?.sequence ?? takenUp, removing: false };
        await rows.put(next);
        return next;
      });
      if (row) declare(row);
    },
    list: (where) => table.list({ where, limit: 10_000 }),
  };
}
