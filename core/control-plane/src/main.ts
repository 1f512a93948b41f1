import { CatalystError } from '@catalyst/model/problem.ts';
import { createRuntime } from './composition/runtime.ts';
import { createNatsServer } from './events/nats-server.ts';
import { type Command, parseCommand } from './process/configuration.ts';
import { findHolder, readSettings } from './process/data-folder.ts';
import { stopEntryProxy } from './process/entry-proxy-process.ts';
import { startIdleCollection } from './process/idle-collection.ts';
import { createLifecycle } from './process/lifecycle.ts';
import { createLogger } from './process/logging.ts';
import { endProcess } from './process/process-identity.ts';
import { dataPath, openFolder } from './process/sovereign-folder.ts';
import { systemClock } from './process/system-ports.ts';

/** How long `down` waits for the container engine before it says that it could not stop Applications. */
const engineWaitMs = 10_000;

async function up(command: Command): Promise<void> {
  const startedAt = performance.now();
  const logger = createLogger(command.logLevel);
  const folder = await openFolder(command);
  const lifecycle = createLifecycle(logger);
  lifecycle.add('data folder', () => folder.release());
  const stop = (code: number) => void lifecycle.stop().then(() => process.exit(code));
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      process.stdout.write('\nStopping Catalyst. Applications keep running; ./catalyst down stops them.\n');
      stop(0);
    });
  process.on('unhandledRejection', (error) =>
    logger.error({ err: error }, 'an unexpected failure was not handled'),
  );
  process.on('uncaughtException', (error) => {
    // The state of this process is unknown now; everything durable is on disk, and the next start goes on from there.
    logger.error({ err: error }, 'an unexpected failure ends this process');
    stop(1);
  });
  try {
    // Only `up` needs all of it; `down` and mistakes on the command line do not wait for it.
    const { startSovereign } = await import('./composition/sovereign.ts');
    const { setupPath } = await startSovereign({
      folder,
      lifecycle,
      logger,
      clock: systemClock,
      allowPrivateWebhooks: command.allowPrivateWebhooks,
    });
    const collection = startIdleCollection();
    lifecycle.add('idle collection', () => collection.stop());
    const address = `http://localhost:${folder.settings.port}`;
    process.stdout.write(
      `Catalyst serves at ${address} (${((performance.now() - startedAt) / 1000).toFixed(1)} s), data in ${folder.directory}\n`,
    );
    if (setupPath)
      process.stdout.write(
        `Set it up with this link, which works once and for a day:\n  ${address}${setupPath}\n`,
      );
    process.stdout.write('Ctrl-C stops Catalyst and leaves Applications running.\n');
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

/** False when everything but the Applications is stopped. */
async function down(command: Command): Promise<boolean> {
  const settings = readSettings(command.dataDirectory);
  if (!settings) throw new CatalystError('NotFound', `There is no Sovereign in ${command.dataDirectory}.`);
  const holder = findHolder(command.dataDirectory);
  if (holder && !(await endProcess(holder, 15_000)))
    throw new CatalystError('Held', `Process ${holder.pid} does not stop.`);
  const logger = createLogger(command.logLevel);
  const folder = await openFolder({ ...command, port: settings.port });
  try {
    const { engine, runtime } = createRuntime({
      folder,
      lifecycle: createLifecycle(logger),
      logger,
      clock: systemClock,
    });
    await engine.start();
    await runtime.start();
    for (let waited = 0; waited < engineWaitMs && !runtime.availability().available; waited += 100)
      await systemClock.sleep(100);
    const { available, message } = runtime.availability();
    if (available) await runtime.stopAll();
    await runtime.stop();
    await engine.stop();
    await createNatsServer({
      dataDirectory: dataPath(folder, 'nats'),
      runDirectory: folder.runDirectory,
      logger,
      clock: systemClock,
    }).stop();
    await stopEntryProxy(folder.runDirectory);
    if (available) {
      process.stdout.write('Catalyst and its Applications are stopped. Data stays.\n');
      return true;
    }
    process.stderr.write(
      `Catalyst is stopped; whether Applications run cannot be seen, and they were not stopped. ${message}\n`,
    );
    return false;
  } finally {
    folder.release();
  }
}

try {
  const command = parseCommand(process.argv.slice(2), process.env);
  if (command.verb === 'up') await up(command);
  else process.exit((await down(command)) ? 0 : 1);
} catch (error) {
  process.stderr.write(
    `${error instanceof CatalystError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}
