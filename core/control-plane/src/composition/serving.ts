import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { filledKey } from '@catalyst/model/projection/keys.ts';
import { type ApiOptions, createApi } from '../api/create-api.ts';
import { registerGitRoutes } from '../api/git/git-routes.ts';
import { registerStreamRoutes } from '../api/stream/stream-routes.ts';
import type { EventSpine } from '../events/event-spine.ts';
import type { Repositories } from '../ports/repositories.ts';
import { ensureEntryProxy } from '../process/entry-proxy-process.ts';
import { dataPath } from '../process/sovereign-folder.ts';
import { repositoryRoot } from '../process/tools.ts';
import type { ReadModel } from '../read-model/read-model.ts';
import { authorizeRepository } from '../services/receiving/authorize-repository.ts';
import type { Context } from './runtime.ts';

/** What is served: all that the routes ask, and Git. */
export interface Served
  extends Omit<ApiOptions, 'readiness' | 'behindProxy' | 'consoleDirectory' | 'extensions' | keyof Context> {
  readonly repositories: Repositories;
  readonly readModel: ReadModel;
  readonly spine: Pick<EventSpine, 'connected'>;
}

/** Serves the API, Git, the event stream and the console on a socket, and the entry proxy in front of it. */
export async function serve(context: Context, { spine, ...served }: Served): Promise<void> {
  const { folder, lifecycle, logger, clock } = context;
  const { repositories, readModel, access, organizations } = served;
  const app = await createApi({
    ...served,
    readiness: async () => [
      {
        name: 'event spine',
        ready: spine.connected(),
        ...(spine.connected() ? {} : { message: 'nats-server is away; it is being started again.' }),
      },
      {
        name: 'read model',
        ready: readModel.get<{ epoch: string }>(filledKey)?.value.epoch === readModel.epoch(),
      },
    ],
    clock,
    logger,
    behindProxy: true,
    consoleDirectory: join(repositoryRoot, 'core/console/dist'),
    extensions: [
      (server) =>
        registerGitRoutes(server, {
          repositories,
          authenticate: (token) => access.authenticateToken(token, 'git'),
          authorizeRepository,
          logger,
        }),
      (server) => registerStreamRoutes(server, { readModel, organizations, access, clock, logger }),
    ],
  });
  const socket = join(folder.runDirectory, 'control-plane.sock');
  rmSync(socket, { force: true });
  await app.listen({ path: socket });
  lifecycle.add('api', () => app.close());
  await ensureEntryProxy({
    listen: { host: folder.settings.host, port: folder.settings.port },
    controlPlaneSocket: socket,
    routesFile: dataPath(folder, 'proxy', 'routes.json'),
    runDirectory: folder.runDirectory,
    logDirectory: dataPath(folder, 'logs'),
  });
}
