import type { Readable, Writable } from 'node:stream';
import type { ProcessEnvironment } from './git-environment.ts';
import { printable } from './hostile-names.ts';

const maximumBytes = 256 * 1024;
/** More would not fit into the pipe to a client that we let wait, and nobody reads more. */
const maximumLines = 60;

/** What Git's hook tells before refs move: where the new objects are kept, and what is to move. */
export interface HookReport {
  /** Environment with which Git reads the objects in quarantine. */
  readonly quarantine: ProcessEnvironment;
  readonly updates: readonly { readonly ref: string; readonly from: string; readonly to: string }[];
  /** The first sixteen. */
  readonly options: readonly string[];
  readonly optionCount: number;
}

/** The talk with the hooks of one push: first `pre-receive`, then, for branches of Environments, `proc-receive`. */
export interface HookDialogue {
  /** What is to move; undefined when the hook ends before its report is whole, or it is over 256 kB. */
  report(): Promise<HookReport | undefined>;
  /** Answers `pre-receive`, with lines for the pusher's terminal. A refusal ends the dialogue. */
  answer(verdict: 'accept' | 'refuse', lines?: readonly string[]): void;
  /** Waits for `proc-receive`: new objects are in the repository then. False when the push ended without it. */
  asked(): Promise<boolean>;
  /** Answers `proc-receive` with the lines of Git's protocol for it; ends the dialogue. */
  settle(statuses: readonly string[], lines?: readonly string[]): void;
  /** Ends the dialogue without an answer: a hook that waits for one ends, and Git refuses. */
  breakOff(): void;
}

/** Opens the dialogue over the descriptors that the hooks write to and read from. */
export function createHookDialogue(from: Readable, to: Writable): HookDialogue {
  const chunks: AsyncIterator<string> = from.setEncoding('utf8')[Symbol.asyncIterator]();

  async function readUntil(end: string): Promise<string | undefined> {
    for (let text = ''; text.length <= maximumBytes; ) {
      // A pipe that breaks has ended.
      const next = await chunks.next().catch(() => ({ done: true, value: '' }));
      if (next.done) return undefined;
      text += next.value;
      if (text.endsWith(end)) return text.slice(0, -end.length);
    }
    return undefined;
  }

  const say = (lines: readonly string[], last: string): string =>
    // The first character keeps a line from being taken for the verdict.
    `${[...lines.slice(0, maximumLines).map((line) => `.${printable(line)}`), last].join('\n')}\n`;

  return {
    async report() {
      const text = await readUntil('\nend\n');
      return text === undefined ? undefined : parseReport(text.split('\n'));
    },
    answer(verdict, lines = []) {
      to.write(say(lines, verdict));
      if (verdict === 'refuse') to.end();
    },
    async asked() {
      return (await readUntil('proc-receive\n')) !== undefined;
    },
    settle(statuses, lines = []) {
      const packets = statuses.map((status) => `=${toPacket(status)}`);
      to.end(say(lines, [...packets, 'done'].join('\n')));
    },
    breakOff() {
      to.end();
    },
  };
}

/** A packet of Git's protocol, without the line break that the hook adds and Git takes off. */
function toPacket(text: string): string {
  return `${(Buffer.byteLength(text) + 5).toString(16).padStart(4, '0')}${text}`;
}

const variables: Readonly<Record<string, string>> = {
  quarantine: 'GIT_QUARANTINE_PATH',
  objects: 'GIT_OBJECT_DIRECTORY',
  alternates: 'GIT_ALTERNATE_OBJECT_DIRECTORIES',
};

function parseReport(lines: readonly string[]): HookReport {
  const quarantine: Record<string, string> = {};
  const updates: { ref: string; from: string; to: string }[] = [];
  const cut = lines.findIndex((line) => line.startsWith('options '));
  for (const line of lines.slice(0, cut)) {
    const [kind = '', first = ''] = line.split(' ', 2);
    const variable = variables[kind];
    if (variable) quarantine[variable] = line.slice(kind.length + 1);
    else if (kind === 'ref') {
      const [, from = '', to = '', ...ref] = line.split(' ');
      if (first) updates.push({ ref: ref.join(' '), from, to });
    }
  }
  const optionCount = Number(lines[cut]?.slice('options '.length));
  const options = lines.slice(cut + 1, cut + 17).map((line) => line.slice(0, 1000));
  return { quarantine, updates, options, optionCount };
}
