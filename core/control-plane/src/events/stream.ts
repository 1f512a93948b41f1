import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { StreamIdentity } from './event-spine.ts';
import type { SpineConnection } from './spine-connection.ts';

/** Name of the one stream. */
export const streamName = 'catalyst';

const limits = {
  max_age: nanos(30 * 24 * 3_600_000),
  max_bytes: 1024 * 1024 * 1024,
  max_msg_size: 512 * 1024,
  duplicate_window: nanos(10 * 60_000),
};

/** True when JetStream says that the stream or consumer does not exist. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof JetStreamApiError &&
    (error.code === JetStreamApiCodes.StreamNotFound || error.code === JetStreamApiCodes.ConsumerNotFound)
  );
}

/** The stream as it is; made when it is missing, after `settle`. */
export async function ensureStream(
  { manager }: SpineConnection,
  settle: () => Promise<void>,
): Promise<StreamInfo> {
  try {
    return await manager.streams.info(streamName);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await settle();
    return manager.streams.add({
      name: streamName,
      subjects: ['ws.>', 'sv.>'],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      num_replicas: 1,
      ...limits,
    });
  }
}

/** Identity by the moment of creation, to the nanosecond as the server gives it. */
export function toIdentity(info: StreamInfo): StreamIdentity {
  return { id: String(info.created), lastSequence: info.state.last_seq };
}
