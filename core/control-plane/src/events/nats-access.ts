import { connect, type NatsConnection } from '@nats-io/transport-node';

/** How to reach the nats-server of this Sovereign. The password never leaves the process but for 0600 files. */
export interface NatsAccess {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/**
 * Connects and stays connected: a server that is away is waited for and reconnected to for ever, at the first connect too.
 * `name` shows in the server's list of connections.
 */
export function connectNats(access: NatsAccess, name: string): Promise<NatsConnection> {
  return connect({
    servers: `${access.host}:${access.port}`,
    user: access.user,
    pass: access.password,
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 50,
    waitOnFirstConnect: true,
    // A server that was restarted may refuse before it has read its configuration.
    ignoreAuthErrorAbort: true,
    ignoreClusterUpdates: true,
    pingInterval: 20_000,
    timeout: 5_000,
    noAsyncTraces: true,
  });
}

/** One attempt without reconnecting, to see who answers; undefined when nobody does or the credentials are not theirs. */
export async function probeNats(access: NatsAccess): Promise<{ readonly serverName: string } | undefined> {
  try {
    const connection = await connect({
      servers: `${access.host}:${access.port}`,
      user: access.user,
      pass: access.password,
      name: 'catalyst-probe',
      reconnect: false,
      timeout: 1_000,
    });
    const serverName = connection.info?.server_name ?? '';
    await connection.close();
    return { serverName };
  } catch {
    return undefined;
  }
}
