import { createEventSpine } from '../events/nats-event-spine.ts';
import { createNatsServer } from '../events/nats-server.ts';
import { dataPath } from '../process/sovereign-folder.ts';
import { createReadModel } from '../read-model/nats-read-model.ts';
import type { Context } from './runtime.ts';

/** Starts nats-server, and beside it what needs nothing of it; then the event spine and the read model. */
export async function startSpine(
  { folder, lifecycle, logger, clock }: Context,
  beside: Readonly<Record<string, { start(): Promise<void>; stop(): Promise<void> | void }>>,
) {
  const nats = createNatsServer({
    dataDirectory: dataPath(folder, 'nats'),
    runDirectory: folder.runDirectory,
    logger,
    clock,
  });
  lifecycle.add('nats-server', () => nats.stop());
  const others = Object.entries(beside);
  const [access] = await Promise.all([nats.start(), ...others.map(([, part]) => part.start())]);
  for (const [name, part] of others) lifecycle.add(name, () => part.stop());
  const spine = await createEventSpine({ access, logger, clock });
  lifecycle.add('event spine', () => spine.stop());
  const readModel = await createReadModel({ access, logger, clock });
  lifecycle.add('read model', () => readModel.stop());
  return { spine, readModel };
}
