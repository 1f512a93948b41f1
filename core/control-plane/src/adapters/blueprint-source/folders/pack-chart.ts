import { crc32 } from 'node:zlib';
import { pack } from 'tar-stream';

const storedBlockBytes = 65_535;

/**
 * Packs a chart, or the folder of a composite, as `helm package` does (`<name>/…`), byte for byte the same on every machine: entries in order of their paths, fixed
 * owner, mode and time, and gzip without compression, because compressors differ between versions and the digest must not.
 */
export async function packChart(name: string, files: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  const tar = pack();
  for (const path of [...files.keys()].sort((a, b) => (a < b ? -1 : 1)))
    tar.entry(
      {
        name: `${name}/${path}`,
        mode: 0o644,
        uid: 0,
        gid: 0,
        uname: '',
        gname: '',
        mtime: new Date(0),
        type: 'file',
      },
      Buffer.from(files.get(path) ?? new Uint8Array()),
    );
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipStored(Buffer.concat(chunks));
}

/** A gzip member of stored blocks (RFC 1951 section 3.2.4, RFC 1952). */
function gzipStored(data: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])];
  for (let at = 0; at === 0 || at < data.length; at += storedBlockBytes) {
    const block = data.subarray(at, at + storedBlockBytes);
    const header = Buffer.alloc(5);
    header.writeUInt8(at + storedBlockBytes >= data.length ? 1 : 0, 0);
    header.writeUInt16LE(block.length, 1);
    header.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(header, block);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(data), 0);
  trailer.writeUInt32LE(data.length >>> 0, 4);
  return Buffer.concat([...parts, trailer]);
}
