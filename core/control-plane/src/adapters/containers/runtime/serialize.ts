/** Runs tasks of one key one after the other, in the order of the calls. */
export type Serialize = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/** Makes a `Serialize`; a failed task does not stop the next one. */
export function createSerialize(): Serialize {
  const tails = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const result = (tails.get(key) ?? Promise.resolve()).then(task, task);
    const tail = result.then(
      () => undefined,
      () => undefined,
    );
    tails.set(key, tail);
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
    return result;
  };
}
