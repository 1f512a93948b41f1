/** Describes one table: which field is its key and which are looked up. */
export interface TableDefinition<Row extends object> {
  /** `^[a-z][a-z_]{0,40}$` */
  readonly name: string;
  readonly key: keyof Row & string;
  /** Fields (string, number or boolean valued) that `list` filters or orders by. */
  readonly indexes?: readonly (keyof Row & string)[];
  /** Carried only so that the row type is inferred. */
  readonly row?: Row;
}

/** Which rows, in which order, how many. */
export interface RowQuery<Row extends object> {
  readonly where?: Partial<Row>;
  /** Rows whose key is greater than this one, for paging in key order. */
  readonly after?: string;
  /** 1 to 10,000; 1,000 unless told. */
  readonly limit?: number;
  /** Order by an indexed field or the key; the key unless told. */
  readonly orderBy?: keyof Row & string;
  readonly descending?: boolean;
}

/** Rows of one kind, each JSON, by key. A resolved write outside a transaction is durable (survives power loss). */
export interface Table<Row extends object> {
  get(key: string): Promise<Row | undefined>;
  /** False when the key exists; nothing is changed then. */
  insert(row: Row): Promise<boolean>;
  put(row: Row): Promise<void>;
  /** False when there was none. */
  delete(key: string): Promise<boolean>;
  list(query?: RowQuery<Row>): Promise<Row[]>;
  count(where?: Partial<Row>): Promise<number>;
}

/** Tables inside one transaction. */
export interface Transaction {
  table<Row extends object>(definition: TableDefinition<Row>): Table<Row>;
}

/**
 * Rows with transactions; no SQL leaks out. Transactions are serialisable: one writer after another. A transaction that throws
 * changes nothing. Reads outside of one see committed rows only. Errors: `Unavailable` (retry later) when the disk refuses.
 */
export interface Database extends Transaction {
  transaction<T>(work: (tables: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
