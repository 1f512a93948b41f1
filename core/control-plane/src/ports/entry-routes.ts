/** One host of the entry proxy. Paths are prefixes, longest first. */
export interface EntryRoute {
  readonly host: string;
  readonly application: string;
  readonly environment: string;
  readonly backends: readonly { readonly path: string; readonly address: string; readonly port: number }[];
  /** What to say while no backend is ready. */
  readonly state: string;
  readonly message: string;
}

/** The table that the entry proxy serves from; it keeps the last one while Catalyst is down. */
export interface EntryRoutes {
  /** The table as last written; empty before the first one, or when it cannot be read. */
  current(): Promise<readonly EntryRoute[]>;
  /** Replaces the whole table, atomically. */
  replace(routes: readonly EntryRoute[]): Promise<void>;
}
