import { readFileSync, writeFileSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';

/** Writes one entry of a zip archive to a file: `node unzip-entry.ts ARCHIVE ENTRY FILE`. Throws when it is absent or damaged. */
function unzipEntry(archive: Buffer, name: string): Buffer {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('not a zip archive');
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry += 1) {
    const nameLength = archive.readUInt16LE(at + 28);
    const entryName = archive.toString('utf8', at + 46, at + 46 + nameLength);
    if (entryName === name) return readEntry(archive, at);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  throw new Error(`the archive has no entry ${name}`);
}

function readEntry(archive: Buffer, directoryAt: number): Buffer {
  const method = archive.readUInt16LE(directoryAt + 10);
  const crc = archive.readUInt32LE(directoryAt + 16);
  const compressedBytes = archive.readUInt32LE(directoryAt + 20);
  const localAt = archive.readUInt32LE(directoryAt + 42);
  // The local header has lengths of its own: they may differ from those in the directory.
  const start = localAt + 30 + archive.readUInt16LE(localAt + 26) + archive.readUInt16LE(localAt + 28);
  const raw = archive.subarray(start, start + compressedBytes);
  if (method !== 0 && method !== 8) throw new Error(`unknown compression method ${method}`);
  const content = method === 8 ? inflateRawSync(raw) : raw;
  if (crc32(content) !== crc) throw new Error('the entry is damaged');
  return content;
}

const [archive, name, file] = process.argv.slice(2);
if (archive === undefined || name === undefined || file === undefined) {
  throw new Error('usage: unzip-entry.ts ARCHIVE ENTRY FILE');
}
writeFileSync(file, unzipEntry(readFileSync(archive), name));
