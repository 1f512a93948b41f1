import type { LogLineView } from '@catalyst/model/api/applications.ts';

/** A line as it is shown; `id` is unique in its buffer and ascends. */
export interface ShownLine extends LogLineView {
  readonly id: number;
}

/** The newest lines of a log, bounded. */
export interface LogBuffer {
  readonly lines: readonly ShownLine[];
  /** How many older lines were let go. */
  readonly dropped: number;
  readonly nextId: number;
  /** Time of the newest line, in a form that compares; lines up to here are known after a reconnect. */
  readonly newest: string;
}

/** Lines that are kept. */
export const keptLines = 5000;
const longestLine = 10_000;

/** A log of which nothing was read. */
export const emptyLog: LogBuffer = { lines: [], dropped: 0, nextId: 0, newest: '' };

/** RFC 3339 in UTC in a form whose order as text is its order in time, whatever the number of digits of the second. */
export function sortableTime(at: string): string {
  const match = /^(.*:\d\d)(?:\.(\d+))?Z$/.exec(at);
  return match ? `${match[1]}.${(match[2] ?? '').padEnd(9, '0')}` : at;
}

function laterOf(a: string, b: string): string {
  return a.localeCompare(b) > 0 ? a : b;
}

/** Adds lines; `resumed`: these come from a reading that began again, so what is known already is left out. */
export function appendLines(buffer: LogBuffer, lines: readonly LogLineView[], resumed: boolean): LogBuffer {
  const fresh = resumed ? lines.filter((line) => sortableTime(line.at) > buffer.newest) : lines;
  if (fresh.length === 0) return buffer;
  const added = fresh.map((line, index) => ({
    ...line,
    line: plainText(line.line.slice(0, longestLine)),
    id: buffer.nextId + index,
  }));
  const all = [...buffer.lines, ...added];
  const excess = Math.max(all.length - keptLines, 0);
  return {
    lines: excess === 0 ? all : all.slice(excess),
    dropped: buffer.dropped + excess,
    nextId: buffer.nextId + added.length,
    newest: added.reduce((newest, line) => laterOf(newest, sortableTime(line.at)), buffer.newest),
  };
}

const escapeCode = String.fromCharCode(27);
const bell = String.fromCharCode(7);
// Sequences of terminals (`ESC [ … letter`, `ESC ] … BEL`), written without control characters in a literal.
const terminalSequence = new RegExp(
  `${escapeCode}\\[[0-9;?]*[ -/]*[@-~]|${escapeCode}\\][^${bell}${escapeCode}]*(?:${bell}|${escapeCode}\\\\)`,
  'g',
);

/** Without the colour codes and control characters that programs write for terminals; tabs stay. */
export function plainText(line: string): string {
  return line
    .replace(terminalSequence, '')
    .replace(/\p{Cc}/gu, (character) => (character === '\t' ? character : ''));
}

/** Lines that contain the text, in any case; all of them for an empty one. */
export function searchLines(lines: readonly ShownLine[], text: string): readonly ShownLine[] {
  const wanted = text.toLowerCase();
  return wanted === '' ? lines : lines.filter((line) => line.line.toLowerCase().includes(wanted));
}
