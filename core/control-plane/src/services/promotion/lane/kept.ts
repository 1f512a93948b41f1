/** What was found lately, by what it was found from; the longest unasked entries are dropped. */
export interface Kept<T> {
  /** Finds it once for everybody who asks meanwhile; a failure is not kept. */
  get(key: string, find: () => Promise<T>): Promise<T>;
  drop(key: string): void;
}

/** Keeps at most `most` entries, and none that is not small. */
export function createKept<T>(most: number, isSmall: (value: T) => boolean = () => true): Kept<T> {
  const kept = new Map<string, Promise<T>>();
  return {
    get(key, find) {
      const known = kept.get(key);
      kept.delete(key);
      const found = known ?? find();
      kept.set(key, found);
      if (!known)
        found.then(
          (value) => isSmall(value) || kept.delete(key),
          () => kept.delete(key),
        );
      const oldest = kept.size > most ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
      return found;
    },
    drop: (key) => void kept.delete(key),
  };
}
