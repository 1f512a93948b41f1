import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

/** Something that is looked at now and then until it is done. */
export interface DueItem {
  readonly key: string;
  /** Items of one group are looked at one after another. */
  readonly group: string;
  /** Of those of a group that are due, the lowest comes first. */
  readonly order: number;
}

/**
 * Looks at things when they are due: one timer for all of them, a few at once, the rest in order. What fails is tried again, later each
 * time. It trusts no clock for longer than a minute, and looks at everything where the clock went back.
 */
export interface DueWork<Item extends DueItem> {
  /** Has it looked at by a moment (milliseconds since 1970), at once unless told. Asking during a look has it looked at once more. */
  add(item: Item, at?: number): void;
  /** Has every known item that matches looked at now. */
  wake(matches: (item: Item) => boolean): void;
  count(matches: (item: Item) => boolean): number;
  start(): void;
  /** Waits for the looks that run. */
  stop(): Promise<void>;
}

interface Entry<Item> {
  item: Item;
  dueAt: number;
  lookedAt: number;
  failures: number;
  running: boolean;
  again: boolean;
}

const longestSleepMs = 60_000;
/** A look at everything spreads over the time that so many take, however many there are. */
const perMinute = 600;
const spacingMs = 200;
const longestBackOffMs = 5 * 60_000;

/** Creates it; `look` says when the item is to be looked at again, or undefined when it is done. */
export function createDueWork<Item extends DueItem>(deps: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly look: (item: Item) => Promise<number | undefined>;
  readonly atOnce?: number;
}): DueWork<Item> {
  const { clock, logger, look, atOnce = 4 } = deps;
  const entries = new Map<string, Entry<Item>>();
  const busy = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let sleeping = new AbortController();
  let lastNow = Number.NEGATIVE_INFINITY;
  let loop: Promise<void> = Promise.resolve();

  const poke = () => sleeping.abort();
  const sweepMs = () => longestSleepMs * Math.max(1, entries.size / perMinute);

  function makeDue(entry: Entry<Item>, at: number): void {
    if (entry.running) entry.again = true;
    // What is woken many times in a moment is looked at once.
    entry.dueAt = Math.min(entry.dueAt, Math.max(at, entry.lookedAt + spacingMs));
  }

  async function lookAt(entry: Entry<Item>): Promise<void> {
    const { key } = entry.item;
    entry.running = true;
    entry.again = false;
    let next: number | undefined;
    try {
      next = await look(entry.item);
      entry.failures = 0;
    } catch (error) {
      entry.failures += 1;
      next = clock.now() + Math.min(1000 * 2 ** Math.min(entry.failures, 10), longestBackOffMs);
      logger.warn({ err: error, of: key }, 'something that waits could not be looked at yet; trying again');
    }
    entry.running = false;
    const now = clock.now();
    entry.lookedAt = now;
    if (entry.again) entry.dueAt = now + spacingMs;
    else if (next === undefined) entries.delete(key);
    else entry.dueAt = Math.max(now + spacingMs, Math.min(next, now + sweepMs()));
  }

  function begin(entry: Entry<Item>): void {
    const { group } = entry.item;
    const work = lookAt(entry).finally(() => {
      busy.delete(group);
      poke();
    });
    busy.set(group, work);
  }

  /** Begins what is due and can begin; answers when the next is. */
  function beginDue(now: number): number {
    const waiting = [...entries.values()].filter(({ running, item }) => !running && !busy.has(item.group));
    const due = waiting
      .filter(({ dueAt }) => dueAt <= now)
      .sort((left, right) => left.item.order - right.item.order);
    for (const entry of due) if (busy.size < atOnce && !busy.has(entry.item.group)) begin(entry);
    const later = waiting.filter(({ dueAt }) => dueAt > now).map(({ dueAt }) => dueAt);
    return later.reduce((soonest, dueAt) => Math.min(soonest, dueAt), Number.POSITIVE_INFINITY);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      sleeping = new AbortController();
      const now = clock.now();
      if (now < lastNow - 1000)
        for (const entry of entries.values()) Object.assign(entry, { dueAt: now, lookedAt: 0 });
      lastNow = now;
      const next = beginDue(now);
      await clock.sleep(Math.min(longestSleepMs, Math.max(1, next - now)), sleeping.signal);
    }
  }

  return {
    add(item, at = clock.now()) {
      const present = entries.get(item.key);
      if (present) {
        present.item = item;
        makeDue(present, at);
      } else
        entries.set(item.key, { item, dueAt: at, lookedAt: 0, failures: 0, running: false, again: false });
      poke();
    },
    wake(matches) {
      const now = clock.now();
      let woken = false;
      for (const entry of entries.values())
        if (matches(entry.item)) {
          makeDue(entry, now);
          woken = true;
        }
      if (woken) poke();
    },
    count: (matches) => [...entries.values()].filter(({ item }) => matches(item)).length,
    start() {
      loop = run();
    },
    async stop() {
      stopping.abort();
      poke();
      await loop;
      await Promise.all(busy.values());
    },
  };
}
