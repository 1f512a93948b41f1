import type { ReleaseStatus, RouteStatus } from '@catalyst/model/events/cloud-event.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { EntryRoute, EntryRoutes } from '../../ports/entry-routes.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ReadModel } from '../../read-model/read-model.ts';
import type { Installation, Installations } from '../application-controller/installations.ts';

const settleMs = 50;
const retryMs = 1000;

/** Keeps the entry proxy's table in step with what is installed and where it runs. */
export interface EntryRouting {
  /** Goes on from the table that the proxy serves from. */
  start(): Promise<void>;
  /** Tells where a release can be reached; call it with every status that the GitOps engine reports. */
  report(status: ReleaseStatus): void;
  /** Writes what is still unwritten, then stops. */
  stop(): Promise<void>;
}

/** One Application as the entry proxy needs it. */
interface Reachable {
  readonly installation: Pick<Installation, 'application' | 'environment' | 'declaration'>;
  /** Undefined until its release has been reported since the start. */
  readonly routes: readonly RouteStatus[] | undefined;
  readonly view: ApplicationView | undefined;
}

/**
 * One route per host that an Application declares, also while nothing answers there: then it says what is waited for. What has
 * not been reported since the start keeps the backends that it had.
 */
export function toRoutes(
  { installation, routes, view }: Reachable,
  before: ReadonlyMap<string, EntryRoute>,
): EntryRoute[] {
  const { declaration } = installation;
  return declaration.hosts.map((host) => {
    const known = before.get(host);
    const reported = routes
      ?.filter((route) => route.host === host)
      .map(({ path, address, port }) => ({ path, address, port }));
    // What is paused or scaled to zero has nothing that would take a connection.
    const rests = declaration.paused || (view?.state === 'Paused' && view.pods.desired === 0);
    const backends = rests ? [] : (reported ?? known?.backends ?? []);
    const silent = view?.state === 'Running' && reported?.length === 0;
    return {
      host,
      application: installation.application,
      environment: installation.environment,
      backends: [...backends].sort((left, right) => right.path.length - left.path.length),
      state: view?.state ?? known?.state ?? 'Installing',
      message: silent
        ? 'This Application offers no web address.'
        : (view?.why?.message ?? known?.message ?? ''),
    };
  });
}

/** Creates the service; bursts of changes become one table. */
export function createEntryRouting(deps: {
  readonly entryRoutes: EntryRoutes;
  readonly installations: Installations;
  readonly readModel: ReadModel;
  /** Reads one Application's view; undefined while it is not projected. */
  readonly viewOf: (environment: string, application: string) => ApplicationView | undefined;
  readonly logger: Logger;
}): EntryRouting {
  const releases = new Map<string, readonly RouteStatus[]>();
  let table: readonly EntryRoute[] = [];
  let watching: { stop(): void } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const before = new Map(table.map((route) => [route.host, route]));
    const routes = (await deps.installations.list({}))
      .flatMap((installation) => {
        const { environment, application } = installation;
        return toRoutes(
          {
            installation,
            routes: releases.get(`${environment}/${application}`),
            view: deps.viewOf(environment, application),
          },
          before,
        );
      })
      .sort((left, right) => (left.host < right.host ? -1 : 1));
    if (JSON.stringify(routes) === JSON.stringify(table)) return;
    await deps.entryRoutes.replace(routes);
    table = routes;
  }

  function schedule(delayMs = settleMs): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writing.then(write).catch((error: unknown) => {
        deps.logger.error({ err: error }, 'the routes of the entry proxy could not be written; trying again');
        schedule(retryMs);
      });
    }, delayMs);
  }

  return {
    async start() {
      table = await deps.entryRoutes.current();
      // The proxy watches a file that is there.
      if (table.length === 0) await deps.entryRoutes.replace(table);
      watching = deps.readModel.watch('ws.', (change) => {
        if (change.key.includes('.Application.')) schedule();
      });
      schedule();
    },
    report(status) {
      const key = `${status.environment}/${status.application}`;
      if (status.removed) releases.delete(key);
      else releases.set(key, status.routes);
      schedule();
    },
    async stop() {
      watching?.stop();
      if (timer) clearTimeout(timer);
      timer = undefined;
      await writing.then(write).catch(() => undefined);
    },
  };
}
