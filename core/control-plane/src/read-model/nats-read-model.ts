import { CatalystError } from '@catalyst/model/problem.ts';
import { type ConnectionOptions, onStreamDeleted, openConnection } from '../events/spine-connection.ts';
import {
  type BucketWatch,
  bucketStream,
  destroyBucket,
  ensureBucket,
  entryLimitBytes,
  watchBucket,
  writeEntry,
} from './bucket.ts';
import { createMirror, scopeOf } from './mirror.ts';
import type { Change, ReadModel } from './read-model.ts';

const forgottenLimit = 20_000;
const loadLimitMs = 15_000;

/** The read model with its life. */
export type RunningReadModel = ReadModel & { stop(): Promise<void> };

interface Watcher {
  readonly prefix: string;
  readonly listener: (change: Change) => void;
}

/**
 * Opens the bucket, made when it is missing, and mirrors it; resolves once the mirror is complete. A bucket that is deleted while
 * running is noticed at once (advisory) or within 2 s, made anew, and a new epoch begins.
 */
export async function createReadModel(options: ConnectionOptions): Promise<RunningReadModel> {
  const { clock, logger } = options;
  const link = await openConnection('catalyst-read-model', options);
  const mirror = createMirror();
  const watchers = new Map<string, Set<Watcher>>();
  const epochListeners: ((epoch: string) => void)[] = [];
  /** Sources of writes that the mirror has not seen yet. */
  const written = new Map<string, number>();
  /** Tail of the writes of one key, so that they keep their order through retries. */
  const tails = new Map<string, Promise<void>>();
  let epoch = '';
  let watch: BucketWatch | undefined;
  let checking: Promise<void> | undefined;
  let stopped = false;
  let loaded = false;
  let lastSeen = -1;

  // A server that is still deleting the files of the old bucket would take those of a new one with them (seen with 2.9.10).
  const settle = () => (epoch === '' ? Promise.resolve() : clock.sleep(400));

  function tell(change: Change): void {
    for (const name of ['', change.key.slice(0, change.key.indexOf('.')), scopeOf(change.key)])
      for (const { prefix, listener } of watchers.get(name) ?? [])
        if (change.key.startsWith(prefix))
          try {
            listener(change);
          } catch (error) {
            logger.error({ err: error }, 'a reader of the read model failed');
          }
  }

  async function follow(current: string): Promise<void> {
    watch?.stop();
    watch = await watchBucket(link, ({ key, stored, revision }) => {
      if (epoch !== current || !mirror.apply(key, stored.value, stored.source, revision)) return;
      if (written.get(key) === stored.source) written.delete(key);
      tell({ key, revision, epoch, ...(stored.value === undefined ? {} : { value: stored.value }) });
    });
    const patience = new AbortController();
    const late = clock.sleep(loadLimitMs, patience.signal).then(() => 'late');
    const outcome = await Promise.race([watch.loaded, late]).finally(() => patience.abort());
    if (outcome !== 'late') return;
    logger.error({ epoch }, 'the read model cannot be read; it is made anew');
    await destroyBucket(link);
    throw new CatalystError('Unavailable', 'The read model could not be read.', { retry: 'later' });
  }

  async function checkOnce(rewatch: boolean): Promise<void> {
    // Before the question: what is written while the answer is on its way may be mirrored before it arrives.
    const known = mirror.revision();
    let bucket = await ensureBucket(link, settle);
    if (bucket.epoch === epoch && bucket.revision < known) {
      // A power cut took entries that were already read: revisions would be given twice.
      await destroyBucket(link);
      bucket = await ensureBucket(link, settle);
    }
    if (bucket.epoch !== epoch || !loaded) {
      loaded = false;
      epoch = bucket.epoch;
      mirror.clear();
      written.clear();
      await follow(epoch);
      loaded = true;
      logger.info({ epoch, revision: mirror.revision() }, 'read model opened');
      mirror.advance(bucket.revision);
      for (const listener of epochListeners) listener(epoch);
      return;
    }
    // A watch that tells nothing while the bucket has gone on is dead, whatever the reason.
    const stuck = bucket.revision > mirror.revision() && mirror.revision() === lastSeen;
    lastSeen = mirror.revision();
    if (!rewatch && !stuck) return;
    await follow(epoch);
    mirror.advance(bucket.revision);
  }

  function check(rewatch = false): Promise<void> {
    if (stopped) return Promise.resolve();
    checking ??= checkOnce(rewatch).finally(() => {
      checking = undefined;
    });
    return checking;
  }
  const checkQuietly = (rewatch = false) => {
    void check(rewatch).catch((error: unknown) => {
      logger.debug({ err: error }, 'the read model cannot be checked');
    });
  };

  async function write(key: string, value: unknown, source: number): Promise<void> {
    const asked = epoch;
    for (let pauseMs = 20; !stopped; pauseMs = Math.min(pauseMs * 2, 1_000)) {
      if (epoch !== asked) return;
      try {
        await writeEntry(link, key, { source, value });
        return;
      } catch (error) {
        logger.debug({ err: error, key }, 'a write of the read model was interrupted; trying again');
        await check().catch(() => undefined);
        await clock.sleep(pauseMs);
      }
    }
    throw new CatalystError('Unavailable', 'The read model is closed.', { retry: 'later' });
  }

  function enqueue(key: string, value: unknown, source: number): Promise<void> {
    if (source < (written.get(key) ?? mirror.source(key) ?? 0)) return Promise.resolve();
    written.set(key, source);
    const before = tails.get(key);
    const tail = before ? before.then(() => write(key, value, source)) : write(key, value, source);
    tails.set(key, tail);
    const settled = () => {
      if (tails.get(key) === tail) tails.delete(key);
    };
    tail.then(settled, settled);
    return tail;
  }

  link.onReconnect(() => checkQuietly(true));
  onStreamDeleted(link, bucketStream, clock, () => checkQuietly());
  const timer = setInterval(checkQuietly, 2_000).unref();
  for (let left = 100; ; left -= 1)
    try {
      await check();
      // Deletion markers stay in the bucket, so that no client misses one. When they pile up, a new epoch sweeps them out.
      if (mirror.forgotten() > forgottenLimit) await destroyBucket(link).then(() => check());
      break;
    } catch (error) {
      if (left <= 0) throw error;
      await clock.sleep(100);
    }

  return {
    epoch: () => epoch,
    revision: () => mirror.revision(),
    get: (key) => mirror.get(key),
    list: (prefix) => mirror.list(prefix),
    highestSource: () => mirror.highestSource(),
    async put(key, value, source) {
      if (JSON.stringify(value).length > entryLimitBytes / 2)
        throw new CatalystError('TooLarge', `The entry ${key} of the read model is over 256 kB.`);
      await enqueue(key, value, source);
    },
    delete: (key, source) =>
      mirror.get(key) || written.has(key) ? enqueue(key, undefined, source) : Promise.resolve(),
    watch(prefix, listener) {
      const name = scopeOf(prefix.replace(/\.$/, ''));
      const watcher: Watcher = { prefix, listener };
      const set = watchers.get(name) ?? new Set();
      watchers.set(name, set.add(watcher));
      return {
        stop() {
          set.delete(watcher);
          if (set.size === 0 && watchers.get(name) === set) watchers.delete(name);
        },
      };
    },
    since: (prefix, of, revision) => (of === epoch ? mirror.since(prefix, epoch, revision) : undefined),
    onEpoch: (listener) => void epochListeners.push(listener),
    async reset() {
      await destroyBucket(link);
      // One that is under way may have looked before.
      await checking?.catch(() => undefined);
      await check();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      watch?.stop();
      await checking?.catch(() => undefined);
      await link.close();
    },
  };
}
