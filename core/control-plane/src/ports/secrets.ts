/** Metadata of a secret; never its values. */
export interface SecretMetadata {
  readonly path: string;
  readonly version: number;
  readonly keys: readonly string[];
  /** RFC 3339 */
  readonly createdAt: string;
}

/**
 * Versioned values by path with KV v2 semantics, encrypted at rest. Paths are `/`-joined names:
 * `<environment>/<application>/<secret>` for an Application's own, `<environment>/<application>/bindings/<alias>` for what a
 * binding gives it. A resolved write is durable.
 */
export interface Secrets {
  read(
    path: string,
  ): Promise<{ readonly version: number; readonly values: Readonly<Record<string, string>> } | undefined>;
  /** Check-and-set: `expectedVersion` 0 creates. False when another version is there. */
  write(path: string, values: Readonly<Record<string, string>>, expectedVersion: number): Promise<boolean>;
  metadata(prefix: string): Promise<SecretMetadata[]>;
  /** Deletes every version below a prefix that ends in `/`, or one path. */
  delete(pathOrPrefix: string): Promise<void>;
  close(): Promise<void>;
}
