import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { GitEnvironment, ProcessEnvironment } from './git-environment.ts';
import { collectText, killGroup } from './git-process.ts';
import { createInbox } from './inbox.ts';

const answerTimeoutMs = 30_000;
/** Git may unpack a small pack to gigabytes; then it is cheaper to start anew. */
const maximumSkipped = 64 * 1024 * 1024;

/** An object as it is stored. */
export interface FoundObject {
  readonly id: string;
  /** `blob`, `tree`, `commit` or `tag` */
  readonly kind: string;
  readonly content: Uint8Array;
}

/** Reads objects of one repository through one long-lived `git cat-file --batch`. */
export interface ObjectReader {
  /**
   * The object that a name such as `<revision>:<path>` stands for; undefined where there is none. The name must be free of line
   * breaks. More than `maxBytes` is `TooLarge`.
   */
  find(name: string, maxBytes: number): Promise<FoundObject | undefined>;
  close(): void;
  readonly closed: boolean;
}

interface Request {
  readonly maxBytes: number;
  readonly timer: NodeJS.Timeout;
  resolve(found: FoundObject | undefined): void;
  reject(error: unknown): void;
}

/** The bytes of what was found, if it is a file. */
export function toBlob(found: FoundObject | undefined): Uint8Array | undefined {
  return found?.kind === 'blob' ? found.content : undefined;
}

/** Starts one. It closes itself on any error; the next one starts afresh. */
export function createObjectReader(
  git: GitEnvironment,
  directory: string,
  environment: ProcessEnvironment = {},
): ObjectReader {
  const child = spawn(git.git, ['--git-dir', directory, 'cat-file', '--batch'], {
    cwd: directory,
    env: { ...git.variables, ...environment },
    detached: true,
  });
  return readFrom(child);
}

interface Answers {
  ask(request: Request): void;
  /** Takes what Git wrote; `false` when it is better ended. */
  hear(chunk: Buffer): boolean;
  fail(error: unknown): void;
}

/** Gives each answer of `cat-file` to the question that it belongs to. */
function createAnswers(): Answers {
  const requests: Request[] = [];
  const inbox = createInbox();
  let overlong = false;
  let found: (Pick<FoundObject, 'id' | 'kind'> & { size: number }) | undefined;

  const settle = (act: (request: Request) => void) => {
    const request = requests.shift();
    if (!request) return;
    clearTimeout(request.timer);
    act(request);
  };

  /** Takes one header off; true when there was one. */
  function takeHeader(maxBytes: number): boolean {
    const header = inbox.line();
    if (header === undefined) return false;
    const [, id = '', kind = '', size = ''] = /^([0-9a-f]{40}) (\w+) (\d+)$/.exec(header) ?? [];
    if (id === '') settle(({ resolve }) => resolve(undefined));
    else if (Number(size) <= maxBytes) found = { id, kind, size: Number(size) };
    else {
      // It is dropped as it comes: the answers to others follow it.
      inbox.skip(Number(size) + 1);
      settle(({ reject }) =>
        reject(new CatalystError(codes.TooLarge, `The file is over ${maxBytes} bytes.`)),
      );
      overlong = Number(size) > maximumSkipped;
    }
    return true;
  }
  function takeContent({ id, kind, size }: NonNullable<typeof found>): boolean {
    const bytes = inbox.take(size + 1);
    if (!bytes) return false;
    found = undefined;
    settle(({ resolve }) => resolve({ id, kind, content: Uint8Array.from(bytes.subarray(0, size)) }));
    return true;
  }

  return {
    ask: (request) => void requests.push(request),
    hear(chunk) {
      inbox.add(chunk);
      for (let next = requests[0]; next && !overlong; next = requests[0])
        if (!(found ? takeContent(found) : takeHeader(next.maxBytes))) break;
      return !overlong;
    },
    fail(error) {
      while (requests.length > 0) settle(({ reject }) => reject(error));
    },
  };
}

function readFrom(child: ChildProcessWithoutNullStreams): ObjectReader {
  const answers = createAnswers();
  let closed = false;

  const close = (error?: unknown) => {
    if (closed) return;
    closed = true;
    killGroup(child, 'SIGKILL');
    answers.fail(
      error ?? new CatalystError(codes.Unavailable, 'Git stopped while it was reading.', { retry: 'later' }),
    );
  };

  collectText(child);
  child.stdout.on('data', (chunk: Buffer) => {
    if (!closed && !answers.hear(chunk)) close();
  });
  child.on('error', (error) => close(error));
  child.stdin.on('error', () => close());
  child.on('close', () => close());

  return {
    find(name, maxBytes) {
      if (closed) return Promise.reject(new CatalystError(codes.Unavailable, 'The reader is closed.'));
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => close(), answerTimeoutMs);
        answers.ask({ maxBytes, timer, resolve, reject });
        child.stdin.write(`${name}\n`);
      });
    },
    close: () => close(),
    get closed() {
      return closed;
    },
  };
}

/** Readers of busy repositories: at most `limit`, each closed after `idleMs` without a question. */
export interface ObjectReaders {
  find(directory: string, name: string, maxBytes: number): Promise<FoundObject | undefined>;
  /** Ends the reader of one repository, or all of them. */
  close(directory?: string): void;
}

/** Makes the pool. */
export function createObjectReaders(git: GitEnvironment, limit = 16, idleMs = 20_000): ObjectReaders {
  const readers = new Map<string, { reader: ObjectReader; timer: NodeJS.Timeout; busy: number }>();

  const drop = (directory: string) => {
    const entry = readers.get(directory);
    if (!entry) return;
    readers.delete(directory);
    clearTimeout(entry.timer);
    entry.reader.close();
  };

  const makeRoom = () => {
    if (readers.size < limit) return;
    for (const [directory, entry] of readers)
      if (entry.busy === 0) {
        drop(directory);
        return;
      }
  };

  return {
    async find(directory, name, maxBytes) {
      let entry = readers.get(directory);
      if (entry?.reader.closed) drop(directory);
      if (!entry || entry.reader.closed) {
        makeRoom();
        const timer = setTimeout(() => drop(directory), idleMs);
        timer.unref();
        entry = { reader: createObjectReader(git, directory), timer, busy: 0 };
        readers.set(directory, entry);
      }
      entry.timer.refresh();
      entry.busy++;
      try {
        return await entry.reader.find(name, maxBytes);
      } finally {
        entry.busy--;
      }
    },
    close(directory) {
      for (const name of directory === undefined ? [...readers.keys()] : [directory]) drop(name);
    },
  };
}
