/** One entry with the revision under which it was written. */
export interface Entry<T = unknown> {
  readonly key: string;
  readonly value: T;
  /** Revision of the bucket, ascending over all keys. */
  readonly revision: number;
  /** Stream sequence that it came from. */
  readonly source: number;
}

/** A change of the read model; `value` absent: deleted. */
export interface Change<T = unknown> {
  readonly key: string;
  readonly value?: T;
  readonly revision: number;
  readonly epoch: string;
}

/**
 * The one projection: JetStream KV bucket `catalyst-state`, mirrored in memory for reads. Keys are
 * `ws.<environment>.<group>.<kind>.<namespace>.<name>` and `sv.<group>.<kind>.<namespace>.<name>`, tokens escaped by
 * `encodeToken`. It can be deleted at any time; then a new epoch begins and the projector fills it again.
 */
export interface ReadModel {
  /** Changes whenever the bucket is made anew. */
  epoch(): string;
  /** Newest revision mirrored. */
  revision(): number;
  get<T>(key: string): Entry<T> | undefined;
  /** Entries whose key starts with a prefix that ends in `.`, ordered by key. */
  list<T>(prefix: string): Entry<T>[];
  /** Writes unless the stored entry came from a later `source` sequence. Projector only. */
  put(key: string, value: unknown, source: number): Promise<void>;
  delete(key: string, source: number): Promise<void>;
  /** Calls back for each change below the prefix, in order, until stopped. */
  watch(prefix: string, listener: (change: Change) => void): { stop(): void };
  /** Changes after a revision of this epoch, or undefined when they are no longer known (send a snapshot then). */
  since(prefix: string, epoch: string, revision: number): Change[] | undefined;
  /** A new epoch began: every reader starts over. */
  onEpoch(listener: (epoch: string) => void): void;
  /** Highest `source` of any entry: tells whether the stream has lost what was already projected. */
  highestSource(): number;
  /** Throws everything away and begins a new epoch. Projector only. */
  reset(): Promise<void>;
}
