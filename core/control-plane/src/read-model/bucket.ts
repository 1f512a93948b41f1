import { createHash } from 'node:crypto';
import type { PushConsumer } from '@nats-io/jetstream';
import { DeliverPolicy } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { headers } from '@nats-io/transport-node';
import type { SpineConnection } from '../events/spine-connection.ts';
import { isMissing } from '../events/stream.ts';

/** Name of the one bucket. */
export const bucketName = 'catalyst-state';
/** The JetStream stream below it. */
export const bucketStream = `KV_${bucketName}`;
/** Largest stored entry. */
export const entryLimitBytes = 512 * 1024;

/** What is stored under a key: the value and the stream sequence that it came from. */
export interface Stored {
  readonly source: number;
  readonly value: unknown;
}

/** The bucket as it is: its epoch and newest revision. Made when it is missing, after `settle`. */
export async function ensureBucket(
  link: SpineConnection,
  settle: () => Promise<void>,
): Promise<{ epoch: string; revision: number }> {
  const info = await link.manager.streams.info(bucketStream).catch(async (error: unknown) => {
    if (!isMissing(error)) throw error;
    await settle();
    await new Kvm(link.js).create(bucketName, {
      history: 1,
      max_bytes: 1024 * 1024 * 1024,
      maxValueSize: entryLimitBytes,
      replicas: 1,
    });
    return link.manager.streams.info(bucketStream);
  });
  const epoch = createHash('sha256').update(String(info.created)).digest('hex').slice(0, 12);
  return { epoch, revision: info.state.last_seq };
}

/** Deletes the bucket; the next `ensureBucket` begins a new epoch. */
export async function destroyBucket(link: SpineConnection): Promise<void> {
  await link.manager.streams.delete(bucketStream).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/** Writes one entry; answers its revision. Undefined deletes. */
export async function writeEntry(link: SpineConnection, key: string, stored: Stored): Promise<number> {
  const subject = `$KV.${bucketName}.${key}`;
  const marker = stored.value === undefined ? headers() : undefined;
  marker?.set('KV-Operation', 'DEL');
  const payload = JSON.stringify(stored);
  const ack = await link.js.publish(subject, payload, { timeout: 2_000, ...(marker && { headers: marker }) });
  return ack.seq;
}

/** One entry as the bucket tells it. */
export interface BucketMessage {
  readonly key: string;
  readonly stored: Stored;
  readonly revision: number;
}

/** A running watch over the whole bucket. */
export interface BucketWatch {
  /** Resolves when everything that was there at the start has been told. */
  readonly loaded: Promise<void>;
  stop(): void;
}

/** Tells the last entry of each key, deletions included, then every change, in order of revision. */
export async function watchBucket(
  link: SpineConnection,
  listener: (message: BucketMessage) => void,
): Promise<BucketWatch> {
  const prefixLength = `$KV.${bucketName}.`.length;
  const { promise: loaded, resolve, reject } = Promise.withResolvers<void>();
  // A watch that is stopped before it has loaded must not bring the process down.
  loaded.catch(() => undefined);
  const consumer: PushConsumer = await link.js.consumers.getPushConsumer(bucketStream, {
    deliver_policy: DeliverPolicy.LastPerSubject,
    filter_subjects: `$KV.${bucketName}.>`,
  });
  if ((await consumer.info(true)).num_pending === 0) resolve();
  const messages = await consumer.consume({
    callback: (message) => {
      const key = message.subject.slice(prefixLength);
      listener({ key, stored: parseStored(message.string()), revision: message.seq });
      if (message.info.pending === 0) resolve();
    },
  });
  void messages.closed().then((error) => reject(new Error('the watch ended', { cause: error })));
  return { loaded, stop: () => messages.stop() };
}

function parseStored(text: string): Stored {
  try {
    const stored = JSON.parse(text) as Partial<Stored> | null;
    if (stored && typeof stored.source === 'number') return { source: stored.source, value: stored.value };
  } catch {
    // An operator may delete or write keys with other tools: what is no entry of ours counts as deleted.
  }
  return { source: 0, value: undefined };
}
