import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Sovereign } from './sovereign.ts';

/** The event stream and the stream below the read model's bucket. */
export const streams = { events: 'catalyst', readModel: 'KV_catalyst-state' } as const;

/** Deletes streams as an operator with the kept credentials could. */
export async function deleteStreams(sovereign: Sovereign, ...names: readonly string[]): Promise<void> {
  const kept = JSON.parse(readFileSync(join(sovereign.dataDirectory, 'nats/access.json'), 'utf8')) as {
    port: number;
    user: string;
    password: string;
  };
  const connection = await connect({
    servers: `127.0.0.1:${kept.port}`,
    user: kept.user,
    pass: kept.password,
  });
  try {
    const manager = await jetstreamManager(connection);
    for (const name of names) await manager.streams.delete(name);
  } finally {
    await connection.close();
  }
}
