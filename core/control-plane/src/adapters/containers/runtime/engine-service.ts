import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../../ports/logger.ts';
import { findTool } from './containers-conf.ts';
import { answers, engineSockets, whyUnusable } from './find-engine.ts';
import { createPodmanService, type PodmanService } from './podman-service.ts';

/** The container engine of this Sovereign: one that was there, or a Podman of our own that we keep alive. */
export interface EngineService {
  /** Resolves when an engine answers, or when it is clear that none does now; the search goes on behind. Never throws. */
  start(): Promise<void>;
  /** The socket of the engine, present or expected; hand the function itself to `createPodRuntime`. */
  socketPath(): string;
  /** Why no engine answers and what to do. */
  unavailableMessage(): string;
  /** Ends our own Podman service; containers go on running. */
  stop(): Promise<void>;
}

type Choice = { readonly kind: 'found'; readonly socketPath: string } | { readonly kind: 'own' };

const searchEveryMs = 5_000;

/**
 * Chooses once and remembers the choice in the data folder: the containers of a Sovereign live in one engine, and another one that
 * appears later does not know them.
 */
export function createEngineService(options: {
  runDirectory: string;
  dataDirectory: string;
  logger: Logger;
  /** `DOCKER_HOST`; default from the environment of this process. */
  dockerHost?: string | undefined;
  /** Sockets to try instead of the usual ones. */
  sockets?: readonly string[];
}): EngineService {
  const { logger } = options;
  const folder = join(options.dataDirectory, 'engine');
  const choicePath = join(folder, 'engine.json');
  const ownSocket = join(options.runDirectory, 'podman.sock');
  const stopping = new AbortController();
  let choice: Choice | undefined;
  let own: PodmanService | undefined;
  let search: Promise<void> | undefined;
  let refusals: string[] = [];

  async function remember(chosen: Choice): Promise<void> {
    choice = chosen;
    await writeFile(`${choicePath}.new`, JSON.stringify(chosen), { mode: 0o600, flush: true });
    await rename(`${choicePath}.new`, choicePath);
  }

  async function remembered(): Promise<Choice | undefined> {
    try {
      const read = JSON.parse(await readFile(choicePath, 'utf8')) as Choice;
      return read.kind === 'own' || (read.kind === 'found' && read.socketPath.startsWith('/'))
        ? read
        : undefined;
    } catch {
      return undefined;
    }
  }

  async function startOwn(): Promise<boolean> {
    const podman = findTool('podman');
    if (!podman) return false;
    own ??= createPodmanService({
      podman,
      socketPath: ownSocket,
      folder,
      runDirectory: options.runDirectory,
      logger,
    });
    return own.start();
  }

  async function discover(): Promise<boolean> {
    refusals = [];
    const dockerHost = 'dockerHost' in options ? options.dockerHost : process.env['DOCKER_HOST'];
    for (const socketPath of options.sockets ?? engineSockets(dockerHost)) {
      if (!(await answers(socketPath))) continue;
      const reason = await whyUnusable(socketPath);
      if (reason === undefined) {
        await remember({ kind: 'found', socketPath });
        logger.info({ socketPath }, 'Using the container engine that is here');
        return true;
      }
      refusals.push(`${socketPath}: ${reason}`);
      logger.warn({ socketPath, reason }, 'The container engine at this socket cannot be used');
    }
    if (!(await startOwn())) return false;
    await remember({ kind: 'own' });
    return true;
  }

  async function keepSearching(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(searchEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      const found = await discover().catch((error: unknown) => {
        logger.warn({ error }, 'The search for a container engine failed');
        return false;
      });
      if (found) return;
    }
  }

  return {
    start: async () => {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await mkdir(options.runDirectory, { recursive: true, mode: 0o700 });
        choice = await remembered();
        if (choice?.kind === 'found') return;
        if (choice?.kind === 'own' && (await startOwn())) return;
        if (choice === undefined && (await discover())) return;
      } catch (error) {
        logger.error({ error }, 'No container engine could be prepared');
      }
      search = keepSearching();
    },
    socketPath: () => (choice?.kind === 'found' ? choice.socketPath : ownSocket),
    unavailableMessage: () => {
      if (choice?.kind === 'found')
        return `The container engine at ${choice.socketPath} does not answer. Start it (or delete ${choicePath} to choose another); Applications wait until then.`;
      if (own)
        return `Podman does not answer (${own.lastWords() || 'it is starting'}). Applications wait until it does.`;
      const why = refusals.length > 0 ? ` Not usable: ${refusals.join('; ').slice(0, 500)}.` : '';
      return `There is no container engine. Install podman (apt-get install podman runc netavark aardvark-dns) or start Docker; Applications wait until then.${why}`;
    },
    stop: async () => {
      stopping.abort();
      await search;
      await own?.stop();
    },
  };
}
