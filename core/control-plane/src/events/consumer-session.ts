import { AckPolicy, type ConsumerInfo, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { SpineConnection } from './spine-connection.ts';
import { streamName } from './stream.ts';

/** Most events that wait in this process, and that are handed over at once. */
export const batchLimit = 512;

/**
 * The server keeps the position of `durable` in a consumer named `<durable>-<generation>`. Events that were delivered and not
 * acknowledged (a crash, a lost connection) would come again *after* newer ones; so a new generation that starts right behind
 * the acknowledged ones takes over, made before the old one is deleted. That holds the order and never loses the position.
 */
export async function claimPosition(
  { manager }: SpineConnection,
  durable: string,
  filter: string,
  lastSequence: number,
): Promise<string> {
  const prefix = `${durable}-`;
  const found: { generation: number; info: ConsumerInfo }[] = [];
  for await (const info of manager.consumers.list(streamName)) {
    const generation = Number(info.name.slice(prefix.length));
    if (info.name.startsWith(prefix) && Number.isInteger(generation)) found.push({ generation, info });
  }
  found.sort((left, right) => right.generation - left.generation);
  const [newest, ...older] = found;
  for (const { info } of older) await manager.consumers.delete(streamName, info.name);
  const floor = newest?.info.ack_floor.stream_seq ?? 0;
  const delivered = newest?.info.delivered.stream_seq ?? 0;
  const clean = newest && newest.info.num_ack_pending === 0 && delivered <= lastSequence;
  if (clean && (newest.info.config.filter_subject ?? '>') === filter) return newest.info.name;
  const name = `${prefix}${(newest?.generation ?? 0) + 1}`;
  await manager.consumers.add(streamName, {
    durable_name: name,
    ack_policy: AckPolicy.All,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.min(floor, lastSequence) + 1,
    ack_wait: nanos(10 * 60_000),
    max_ack_pending: 2 * batchLimit,
    ...(filter === '>' ? {} : { filter_subject: filter }),
  });
  if (newest) await manager.consumers.delete(streamName, newest.info.name);
  return name;
}

/** What arrived, in order, for one connection's life. */
export interface ConsumerSession {
  /** Waits for at least one message; undefined when the session has ended and a new one must be opened. */
  next(): Promise<readonly JsMsg[] | undefined>;
  end(): void;
}

/** Starts pulling. The session ends by itself when a message is missed, or the consumer or stream vanishes. */
export async function openSession({ js }: SpineConnection, consumerName: string): Promise<ConsumerSession> {
  const consumer = await js.consumers.get(streamName, consumerName);
  let queue: JsMsg[] = [];
  let ended = false;
  let wake: () => void = () => {};
  let expected: number | undefined;
  let newest = 0;
  const end = () => {
    ended = true;
    wake();
  };
  const messages = await consumer.consume({
    max_messages: batchLimit,
    callback: (message) => {
      const { deliverySequence, streamSequence } = message.info;
      // A hole in the delivery sequence is a message that the connection lost: start again behind the acknowledged ones.
      if (expected !== undefined && deliverySequence !== expected) end();
      expected = deliverySequence + 1;
      if (ended || streamSequence <= newest) return;
      newest = streamSequence;
      queue.push(message);
      wake();
    },
  });
  const follow = async () => {
    for await (const status of messages.status())
      if (['consumer_not_found', 'consumer_deleted', 'stream_not_found'].includes(status.type)) end();
  };
  void follow().catch(end);
  void messages.closed().then(end);
  return {
    async next() {
      if (queue.length === 0 && !ended)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      if (ended) return undefined;
      const batch = queue.slice(0, batchLimit);
      queue = queue.slice(batchLimit);
      return batch;
    },
    end() {
      end();
      messages.stop();
    },
  };
}
