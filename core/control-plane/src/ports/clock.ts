/** Time and waiting, passed in wherever a decision depends on them. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `ms`, or at once when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
