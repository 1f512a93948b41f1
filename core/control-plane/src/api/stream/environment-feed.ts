import { decodeToken } from '@catalyst/model/events/subjects.ts';
import { applicationsPrefix, filledKey } from '@catalyst/model/projection/keys.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Change, ReadModel } from '../../read-model/read-model.ts';

/** Somebody who reads the stream of one Environment. */
export interface FeedReader {
  /** Takes the bytes of one or more whole frames. */
  send(frames: Buffer): void;
  /** True while it has not taken what it was sent before; it then gets a snapshot instead of what it missed. */
  behind(): boolean;
}

/** The stream of one Environment: each change becomes bytes once, whoever many read it. */
export interface EnvironmentFeed {
  /** Begins with what happened since `lastEventId`, or with a snapshot where that is no longer known. */
  join(reader: FeedReader, lastEventId: string | undefined): void;
  leave(reader: FeedReader): void;
  /** Call it when a reader that was behind has caught up. */
  caughtUp(reader: FeedReader): void;
  readers(): number;
  stop(): void;
}

/** Text of one server-sent event. */
export function toFrame(event: string, data: unknown, id?: string): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** Inverse of the ids that frames carry; undefined for anything else. */
export function parseEventId(id: string | undefined): { epoch: string; revision: number } | undefined {
  const found = /^([0-9a-z]{1,64})\.(\d{1,15})$/.exec(id ?? '');
  return found ? { epoch: found[1] ?? '', revision: Number(found[2]) } : undefined;
}

/** Whether the read model has been filled in its present epoch. */
export function isFilled(readModel: Pick<ReadModel, 'get' | 'epoch'>): boolean {
  return readModel.get<{ epoch: string }>(filledKey)?.value.epoch === readModel.epoch();
}

/**
 * Opens the feed of an Environment. While a new epoch is being filled, readers hear nothing, so that nobody sees Applications
 * vanish; then everybody gets a snapshot (`refresh`).
 */
export function openFeed(
  readModel: Pick<ReadModel, 'list' | 'watch' | 'since' | 'epoch' | 'revision' | 'get'>,
  environment: string,
): EnvironmentFeed & { refresh(): void } {
  const prefix = applicationsPrefix(environment);
  const readers = new Set<FeedReader>();
  /** Readers that get a snapshot as soon as they, or the read model, can. */
  const waiting = new Set<FeedReader>();
  let snapshot: { id: string; frame: Buffer } | undefined;

  const watch = readModel.watch(prefix, (change) => {
    snapshot = undefined;
    if (readers.size === waiting.size) return;
    const frame = Buffer.from(changeFrame(change));
    for (const reader of readers) {
      if (waiting.has(reader)) continue;
      if (reader.behind()) waiting.add(reader);
      else reader.send(frame);
    }
  });

  function snapshotFrame(): Buffer {
    const id = `${readModel.epoch()}.${readModel.revision()}`;
    if (snapshot?.id !== id) {
      const applications = readModel.list<ApplicationView>(prefix).map((entry) => entry.value);
      snapshot = { id, frame: Buffer.from(toFrame('snapshot', { applications }, id)) };
    }
    return snapshot.frame;
  }

  function serve(reader: FeedReader): void {
    if (!isFilled(readModel)) waiting.add(reader);
    else {
      waiting.delete(reader);
      reader.send(snapshotFrame());
    }
  }

  return {
    join(reader, lastEventId) {
      readers.add(reader);
      const left = parseEventId(lastEventId);
      const missed =
        left && isFilled(readModel) ? readModel.since(prefix, left.epoch, left.revision) : undefined;
      if (!missed) serve(reader);
      else if (missed.length > 0) reader.send(Buffer.from(missed.map(changeFrame).join('')));
    },
    leave(reader) {
      readers.delete(reader);
      waiting.delete(reader);
    },
    caughtUp(reader) {
      if (waiting.has(reader)) serve(reader);
    },
    refresh() {
      snapshot = undefined;
      for (const reader of readers)
        if (reader.behind()) waiting.add(reader);
        else serve(reader);
    },
    readers: () => readers.size,
    stop: () => watch.stop(),
  };
}

function changeFrame(change: Change): string {
  const id = `${change.epoch}.${change.revision}`;
  if (change.value !== undefined) return toFrame('application', change.value, id);
  return toFrame('application-removed', { name: decodeToken(change.key.split('.').at(-1) ?? '=') }, id);
}
