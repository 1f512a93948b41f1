/** One measured line: what, how much, the floor of the same run, and what was promised. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: 'ms' | 'MB' | 's' | 'events/s';
  /** The same work with nothing of Catalyst in it, measured in this run, in the same unit. */
  readonly floor?: { readonly what: string; readonly value: number };
  readonly budget?: { readonly words: string; readonly met: boolean };
}

/** Value below which the given share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** The middle one of the samples. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

function format(value: number, unit: string): string {
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
}

/** Prints Markdown, so that a run can be pasted into docs/BENCHMARKS.md as it is. */
export function toTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    format(figure.value, figure.unit),
    figure.floor ? `${format(figure.floor.value, figure.unit)} (${figure.floor.what})` : '',
    figure.floor ? `${(figure.value / figure.floor.value).toFixed(1)}×` : '',
    figure.budget ? `${figure.budget.words}: ${figure.budget.met ? 'met' : 'MISSED'}` : '',
  ]);
  return [
    '| what | figure | floor | ratio | budget |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

/** Time of an action in milliseconds. */
export async function timed(action: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** Times of one action after the other, in milliseconds. */
export async function repeat(
  count: number,
  action: (index: number) => Promise<unknown> | unknown,
): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) samples.push(await timed(() => action(index)));
  return samples;
}

/** Runs `action` for 0 to `count - 1`, `width` at a time. */
export async function inParallel(
  count: number,
  width: number,
  action: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await action(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, work));
}
