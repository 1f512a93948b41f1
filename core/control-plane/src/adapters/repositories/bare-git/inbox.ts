/** Bytes as they come in, taken out line by line and piece by piece. */
export interface Inbox {
  add(chunk: Buffer): void;
  /** The next line without its end; undefined while it is not whole. */
  line(): string | undefined;
  /** The next so many bytes; undefined while they are not there. */
  take(size: number): Buffer | undefined;
  /** Drops so many bytes, also those to come. */
  skip(size: number): void;
}

/** Makes an empty one. What has come is copied together only once enough is there. */
export function createInbox(): Inbox {
  let chunks: Buffer[] = [];
  let length = 0;
  let skipped = 0;

  const join = (): Buffer => {
    const all = chunks.length === 1 ? chunks[0] : undefined;
    const joined = all ?? Buffer.concat(chunks);
    chunks = [joined];
    return joined;
  };

  const drop = (size: number) => {
    chunks = [join().subarray(size)];
    length -= size;
  };

  return {
    add(chunk) {
      const rest = chunk.subarray(Math.min(skipped, chunk.length));
      skipped -= chunk.length - rest.length;
      chunks.push(rest);
      length += rest.length;
    },
    line() {
      const end = join().indexOf(10);
      if (end < 0) return undefined;
      const line = join().toString('utf8', 0, end);
      drop(end + 1);
      return line;
    },
    take(size) {
      if (length < size) return undefined;
      const bytes = join().subarray(0, size);
      drop(size);
      return bytes;
    },
    skip(size) {
      const here = Math.min(size, length);
      drop(here);
      skipped = size - here;
    },
  };
}
