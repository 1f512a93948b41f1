import type { Change, Entry } from './read-model.ts';

interface Slot {
  readonly key: string;
  readonly value: unknown;
  readonly revision: number;
  readonly source: number;
}

interface Scope {
  readonly slots: Map<string, Slot>;
  /** Keys in order; undefined after a key came or went. */
  sorted: string[] | undefined;
}

/** Most deletions that are remembered; clients from before the oldest forgotten one get a snapshot. */
const tombstoneLimit = 10_000;

/**
 * The bucket in memory, grouped by the first two tokens of the keys so that one Environment is listed without looking at the others.
 * Since each key's last change is kept, deletions included, every revision of the epoch can be resumed from until deletions
 * had to be forgotten.
 */
export function createMirror() {
  let scopes = new Map<string, Scope>();
  let tombstones: { key: string; revision: number }[] = [];
  let floor = 0;
  let forgotten = 0;
  let revision = 0;

  function scopeFor(key: string): Scope {
    const name = scopeOf(key);
    const found = scopes.get(name);
    if (found) return found;
    const made: Scope = { slots: new Map(), sorted: undefined };
    scopes.set(name, made);
    return made;
  }

  function* slotsBelow(prefix: string): Generator<Slot> {
    const names = isWithinScope(prefix) ? [scopeOf(prefix)] : [...scopes.keys()].sort();
    for (const name of names) {
      const scope = scopes.get(name);
      if (!scope || !(`${name}.`.startsWith(prefix) || prefix.startsWith(`${name}.`))) continue;
      scope.sorted ??= [...scope.slots.keys()].sort();
      for (let at = lowerBound(scope.sorted, prefix); at < scope.sorted.length; at += 1) {
        const slot = scope.slots.get(scope.sorted[at] ?? '');
        if (!slot?.key.startsWith(prefix)) break;
        yield slot;
      }
    }
  }

  function forget(): void {
    const [oldest] = tombstones.splice(0, 1);
    if (!oldest) return;
    floor = Math.max(floor, oldest.revision);
    forgotten += 1;
    const scope = scopes.get(scopeOf(oldest.key));
    const slot = scope?.slots.get(oldest.key);
    if (!scope || slot?.revision !== oldest.revision) return;
    scope.slots.delete(oldest.key);
    scope.sorted = undefined;
    if (scope.slots.size === 0) scopes.delete(scopeOf(oldest.key));
  }

  return {
    /** Takes one entry; false when it is no news. */
    apply(key: string, value: unknown, source: number, at: number): boolean {
      revision = Math.max(revision, at);
      const scope = scopeFor(key);
      const before = scope.slots.get(key);
      if (before && before.revision >= at) return false;
      scope.slots.set(key, { key, value, revision: at, source });
      if (!before) scope.sorted = undefined;
      if (value === undefined) tombstones.push({ key, revision: at });
      if (tombstones.length > tombstoneLimit) forget();
      return true;
    },
    /** Everything up to this revision is known, also where the newest entries are gone without a trace. */
    advance(to: number): void {
      revision = Math.max(revision, to);
    },
    clear(): void {
      scopes = new Map();
      tombstones = [];
      floor = 0;
      forgotten = 0;
      revision = 0;
    },
    revision: () => revision,
    /** How many deletions were forgotten in this epoch. */
    forgotten: () => forgotten,
    source: (key: string) => scopes.get(scopeOf(key))?.slots.get(key)?.source,
    get<T>(key: string): Entry<T> | undefined {
      const slot = scopes.get(scopeOf(key))?.slots.get(key);
      return slot && slot.value !== undefined
        ? { key, value: slot.value as T, revision: slot.revision, source: slot.source }
        : undefined;
    },
    list<T>(prefix: string): Entry<T>[] {
      const entries: Entry<T>[] = [];
      for (const { key, value, revision: at, source } of slotsBelow(prefix))
        if (value !== undefined) entries.push({ key, value: value as T, revision: at, source });
      return entries;
    },
    since(prefix: string, epoch: string, after: number): Change[] | undefined {
      if (after < floor || after > revision) return undefined;
      const changes: Change[] = [];
      for (const { key, value, revision: at } of slotsBelow(prefix))
        if (at > after) changes.push({ key, revision: at, epoch, ...(value === undefined ? {} : { value }) });
      return changes.sort((left, right) => left.revision - right.revision);
    },
    /** Highest source sequence of any entry. */
    highestSource(): number {
      let highest = 0;
      for (const scope of scopes.values())
        for (const slot of scope.slots.values()) highest = Math.max(highest, slot.source);
      return highest;
    },
  };
}

/** First two tokens of a key or of a prefix. */
export function scopeOf(key: string): string {
  const second = key.indexOf('.', key.indexOf('.') + 1);
  return second < 0 ? key : key.slice(0, second);
}

function isWithinScope(prefix: string): boolean {
  return prefix.indexOf('.', prefix.indexOf('.') + 1) > 0;
}

function lowerBound(sorted: readonly string[], key: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
