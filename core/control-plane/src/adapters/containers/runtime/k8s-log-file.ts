import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '../../../ports/workloads.ts';

const pollMs = 150;
const roundsPerCheck = 5;
const chunkBytes = 256 * 1024;
const maxBacklogBytes = 16 * 1024 * 1024;
const maxLineLength = 16 * 1024;

/** Joins the pieces that the monitor writes for a line without an end (`P`) until its end (`F`); bounded. */
export interface LineJoiner {
  push(text: string): LogLine[];
  /** Lines that never ended. */
  rest(): LogLine[];
}

/** Reads lines as `<time> <stream> <P|F> <text>`; anything else is passed over. */
export function createLineJoiner(): LineJoiner {
  const open = new Map<LogLine['stream'], LogLine>();
  let tail = '';
  return {
    push: (text) => {
      const parts = (tail + text).split('\n');
      tail = (parts.pop() ?? '').slice(0, 4 * maxLineLength);
      return parts.flatMap((part) => join(open, part) ?? []);
    },
    rest: () => [...open.values()],
  };
}

function join(open: Map<LogLine['stream'], LogLine>, part: string): LogLine | undefined {
  const match = /^(\S+) (stdout|stderr) ([PF])(?: (.*))?$/s.exec(part);
  if (!match?.[1]) return undefined;
  const stream = match[2] === 'stderr' ? 'stderr' : 'stdout';
  const begun = open.get(stream);
  const whole = (begun?.line ?? '') + (match[4] ?? '');
  const line = { at: begun?.at ?? match[1], stream, line: whole.slice(0, maxLineLength) } as const;
  if (match[3] === 'P') {
    open.set(stream, line);
    return undefined;
  }
  open.delete(stream);
  return { ...line, line: line.line.replace(/\r$/, '') };
}

/**
 * The last `tail` lines of Podman's log file, then what comes, until `running` says no or `signal` aborts. Podman 4.3's own reading
 * rounds times to seconds and, while following, loses pieces of lines. The monitor starts a new file when one is full; what comes
 * then is followed there.
 */
export async function* readLogFile(
  path: string,
  options: { tail: number; running: () => Promise<boolean>; follow: boolean; signal: AbortSignal },
): AsyncGenerator<LogLine> {
  const { signal } = options;
  const joiner = createLineJoiner();
  // A container that never ran has none.
  const first = await open(path, 'r').catch(() => undefined);
  if (!first) return;
  let file = first;
  try {
    const { size } = await file.stat();
    let offset = Math.max(0, size - maxBacklogBytes);
    let backlog: LogLine[] = [];
    for await (const text of chunks(file, offset)) {
      offset += text.bytes;
      backlog = [...backlog, ...joiner.push(text.text)].slice(-options.tail);
    }
    if (!options.follow) backlog = [...backlog, ...joiner.rest()].slice(-options.tail);
    yield* backlog;
    for (let round = 0; options.follow && !signal.aborted; round++) {
      // Asked before the last look: what was written until the end is seen.
      const running = round % roundsPerCheck > 0 || (await options.running());
      for await (const text of chunks(file, offset)) {
        offset += text.bytes;
        yield* joiner.push(text.text);
      }
      const next = await newer(path, file);
      if (next) {
        await file.close();
        file = next;
        offset = 0;
        continue;
      }
      if (!running) break;
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
    if (options.follow && !signal.aborted) yield* joiner.rest();
  } finally {
    await file.close();
  }
}

async function* chunks(file: FileHandle, from: number): AsyncGenerator<{ text: string; bytes: number }> {
  const buffer = Buffer.alloc(chunkBytes);
  for (let offset = from; ; ) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, offset);
    // Only whole lines, so that no character is cut; a longer piece than the buffer cannot occur (the monitor writes 8 kB at most).
    const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
    if (end === 0) return;
    yield { text: buffer.toString('utf8', 0, end), bytes: end };
    offset += end;
  }
}

async function newer(path: string, file: FileHandle): Promise<FileHandle | undefined> {
  const next = await open(path, 'r').catch(() => undefined);
  if (next && (await next.stat()).ino !== (await file.stat()).ino) return next;
  await next?.close();
  return undefined;
}
