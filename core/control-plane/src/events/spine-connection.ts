import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { connectNats, type NatsAccess } from './nats-access.ts';

/** What the spine and the read model need to reach the server. */
export interface ConnectionOptions {
  readonly access: NatsAccess;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** One connection to the server with what was derived from it. */
export interface SpineConnection {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  connected(): boolean;
  /** Called after the connection was lost and found again; what was under way may be lost. */
  onReconnect(listener: () => void): void;
  close(): Promise<void>;
}

/** Opens a connection that heals itself, and waits until JetStream answers. */
export async function openConnection(name: string, options: ConnectionOptions): Promise<SpineConnection> {
  const connection = await connectNats(options.access, name);
  const listeners: (() => void)[] = [];
  let connected = true;
  const follow = async () => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') connected = false;
      if (status.type !== 'reconnect') continue;
      connected = true;
      options.logger.info({ name }, 'connected to nats-server again');
      for (const listener of listeners) listener();
    }
  };
  const following = follow();
  const manager = await retried(() => jetstreamManager(connection, { timeout: 2_000 }), options.clock);
  return {
    connection,
    manager,
    js: jetstream(connection, { timeout: 2_000 }),
    connected: () => connected,
    onReconnect: (listener) => listeners.push(listener),
    async close() {
      await connection.close();
      await following;
    },
  };
}

/** A server that has just started accepts connections before JetStream answers. */
async function retried<T>(attempt: () => Promise<T>, clock: Clock): Promise<T> {
  for (let left = 50; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left <= 0) throw error;
      await clock.sleep(100);
    }
  }
}

/**
 * Calls back when the server says that a stream is being deleted: again and again for half a second, because it says so before
 * the stream is gone.
 */
export function onStreamDeleted(
  link: SpineConnection,
  stream: string,
  clock: Clock,
  check: () => void,
): void {
  const checkForAWhile = async () => {
    for (const waitMs of [0, 50, 100, 350]) {
      await clock.sleep(waitMs);
      check();
    }
  };
  link.connection.subscribe(`$JS.EVENT.ADVISORY.STREAM.DELETED.${stream}`, {
    callback: () => void checkForAWhile(),
  });
}
