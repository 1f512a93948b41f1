import { AckPolicy, type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connectNats } from '../core/control-plane/src/events/nats-access.ts';
import { startNatsKit } from '../core/control-plane/src/events/testing/nats-kit.ts';
import { repeat } from './table.ts';

/** Durable publish to JetStream and delivery to a consumer of the same process, in milliseconds. */
export async function roundTripMs(count: number): Promise<number[]> {
  const kit = await startNatsKit();
  const connection = await connectNats(kit.access, 'bench');
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'bench', subjects: ['bench.>'] });
    await manager.consumers.add('bench', { durable_name: 'bench', ack_policy: AckPolicy.None });
    const js: JetStreamClient = jetstream(connection);
    const messages = await (await js.consumers.get('bench', 'bench')).consume();
    const iterator = messages[Symbol.asyncIterator]();
    const samples = await repeat(count, async () => {
      await js.publish('bench.x', 'x'.repeat(500));
      await iterator.next();
    });
    messages.stop();
    return samples;
  } finally {
    await connection.close();
    await kit.dispose();
  }
}
