import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { extract } from 'tar-stream';
import { isSafePath, shown } from './guard-files.ts';
import { limits } from './limits.ts';

const unzip = promisify(gunzip);

/**
 * The files of a chart archive, with the archive's one top folder removed. Our own reader, so that nothing but regular files inside
 * that folder ever reaches the disk: links, devices, absolute or escaping paths and bombs are refused.
 */
export async function readArchive(archive: Uint8Array): Promise<Result<Map<string, Buffer>>> {
  if (archive.length > limits.archiveBytes)
    return refused({
      code: 'TooLarge',
      message: `The chart archive is larger than ${limits.archiveBytes} bytes.`,
    });
  try {
    const tar = await unzip(archive, { maxOutputLength: limits.inputTotalBytes });
    return await readTar(tar);
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return refused(
      tooLarge
        ? {
            code: 'TooLarge',
            message: `The chart archive unpacks to more than ${limits.inputTotalBytes} bytes.`,
          }
        : { code: 'RenderFailed', message: 'The chart archive cannot be read.' },
    );
  }
}

async function readTar(tar: Buffer): Promise<Result<Map<string, Buffer>>> {
  const files = new Map<string, Buffer>();
  const reader = extract();
  reader.end(tar);
  let entries = 0;
  for await (const entry of reader) {
    const { name, type } = entry.header;
    entries += 1;
    const problem =
      entries > limits.archiveEntries
        ? { code: 'TooLarge', message: `The chart archive has more than ${limits.archiveEntries} entries.` }
        : problemOf(name, type ?? 'file', files);
    if (problem !== undefined) {
      reader.destroy();
      return refused(problem);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (type === 'file' || type === 'contiguous-file')
      files.set(name.slice(name.indexOf('/') + 1), Buffer.concat(chunks));
  }
  return ok(files);
}

function problemOf(name: string, type: string, files: ReadonlyMap<string, unknown>): Problem | undefined {
  const file = shown(name);
  if (type === 'symlink' || type === 'link')
    return { code: 'Symlink', file, message: 'The chart archive holds a link.' };
  if (type === 'pax-global-header') return undefined;
  if (type !== 'file' && type !== 'contiguous-file' && type !== 'directory')
    return {
      code: 'UnsafePath',
      file,
      message: 'The chart archive holds something that is neither file nor folder.',
    };
  const path = type === 'directory' ? name.replace(/\/$/, '') : name;
  if (!isSafePath(path))
    return { code: 'UnsafePath', file, message: 'The chart archive holds a path that leaves it.' };
  if (type === 'directory') return undefined;
  if (!path.includes('/'))
    return {
      code: 'UnsafePath',
      file,
      message: 'The chart archive holds a file outside the folder of the chart.',
    };
  return files.has(path.slice(path.indexOf('/') + 1))
    ? { code: 'UnsafePath', file, message: 'The chart archive holds a path twice.' }
    : undefined;
}
