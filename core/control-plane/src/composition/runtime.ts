import { createPodRuntime } from '../adapters/containers/runtime/create-pod-runtime.ts';
import { createEngineService } from '../adapters/containers/runtime/engine-service.ts';
import { createMirrorFile } from '../adapters/containers/runtime/mirror-file.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Lifecycle } from '../process/lifecycle.ts';
import { dataPath, type SovereignFolder } from '../process/sovereign-folder.ts';

/** What every part of a running Sovereign stands on. */
export interface Context {
  readonly folder: SovereignFolder;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Adapters that need nothing of each other, and the engine's runtime. */
export function createRuntime({ folder, logger, clock }: Context) {
  const engine = createEngineService({
    runDirectory: folder.runDirectory,
    dataDirectory: folder.directory,
    logger,
  });
  const mirrors = createMirrorFile({ path: dataPath(folder, 'mirrors.yaml'), logger });
  const runtime = createPodRuntime({
    socketPath: () => engine.socketPath(),
    unavailableMessage: () => engine.unavailableMessage(),
    sovereignId: folder.settings.sovereignId,
    sovereignPort: folder.settings.port,
    dataDirectory: folder.directory,
    runDirectory: folder.runDirectory,
    mirrors,
    clock,
    logger,
  });
  return { engine, runtime };
}
