/** A line of a comparison. Numbers count from 1 on the side that has the line. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed' | 'gap';
  readonly text: string;
  readonly before?: number;
  readonly after?: number;
}

const maxCells = 4_000_000;
const context = 3;

function linesOf(text: string): string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/**
 * Compares two texts line by line (longest common subsequence) and keeps three lines around each change; what lies between is
 * one `gap`. Where the middle parts are too big to compare, they are shown as removed and added.
 */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = linesOf(before);
  const b = linesOf(after);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  )
    tail += 1;
  const middle = compare(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const kinds: DiffLine['kind'][] = [
    ...a.slice(0, head).map(() => 'same' as const),
    ...middle,
    ...a.slice(a.length - tail).map(() => 'same' as const),
  ];
  let left = 0;
  let right = 0;
  const all = kinds.map((kind): DiffLine => {
    if (kind === 'removed') {
      left += 1;
      return { kind, text: a[left - 1] ?? '', before: left };
    }
    right += 1;
    if (kind === 'added') return { kind, text: b[right - 1] ?? '', after: right };
    left += 1;
    return { kind: 'same', text: b[right - 1] ?? '', before: left, after: right };
  });
  return withGaps(all);
}

function compare(a: readonly string[], b: readonly string[]): DiffLine['kind'][] {
  const apart = [...a.map(() => 'removed' as const), ...b.map(() => 'added' as const)];
  if (a.length === 0 || b.length === 0 || a.length * b.length > maxCells) return apart;
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const kinds: DiffLine['kind'][] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      kinds.push('same');
      i += 1;
      j += 1;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      kinds.push('removed');
      i += 1;
    } else {
      kinds.push('added');
      j += 1;
    }
  }
  return kinds;
}

function withGaps(lines: readonly DiffLine[]): DiffLine[] {
  const near = new Uint8Array(lines.length);
  lines.forEach((line, index) => {
    if (line.kind !== 'same') near.fill(1, Math.max(0, index - context), index + context + 1);
  });
  const kept: DiffLine[] = [];
  lines.forEach((line, index) => {
    if (near[index] === 1) kept.push(line);
    else if (kept.at(-1)?.kind !== 'gap') kept.push({ kind: 'gap', text: '' });
  });
  return kept;
}
