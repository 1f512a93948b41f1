/** A piece of output of a container. */
export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

const headerBytes = 8;
const maxFrameBytes = 16 * 1024 * 1024;

/** Separates the engine's multiplexed stream (8 bytes of header: stream, length) into frames. Stops at anything else. */
export async function* demultiplex(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= headerBytes) {
      const length = rest.readUInt32BE(4);
      if (length > maxFrameBytes || (rest[0] ?? 0) > 2) return;
      if (rest.length < headerBytes + length) break;
      yield {
        stream: rest[0] === 2 ? 'stderr' : 'stdout',
        data: rest.subarray(headerBytes, headerBytes + length),
      };
      rest = rest.subarray(headerBytes + length);
    }
  }
}
