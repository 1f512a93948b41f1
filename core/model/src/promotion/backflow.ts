import { diffLines } from '../plan/diff-lines.ts';
import { isCarried } from './promoted-content.ts';

/** A path that a higher Environment changed for itself and a lower one lacks. */
export interface OwnPath {
  readonly path: string;
  /** Identity of what would change in the lower one: the lines that go and come, wherever in the file they lie. */
  readonly patch: string;
  /** Both changed it in ways that do not go together. */
  readonly conflict: boolean;
}

/** What one higher Environment has that a lower one lacks. */
export interface OwnChange {
  /** The higher Environment. */
  readonly from: string;
  readonly paths: readonly OwnPath[];
  /** `base/` there went back to what was before: that is nothing to follow. */
  readonly back: boolean;
}

/** The lines that go and come, so that the same change has the same text also after other lines of the file changed. */
export function patchText(before: string | undefined, after: string | undefined): string {
  const lines = (text: string | undefined) => (text === undefined ? [] : text.split('\n'));
  const existence = `${before === undefined ? 'new' : ''}${after === undefined ? 'gone' : ''}`;
  return [
    existence,
    ...diffLines(lines(before), lines(after)).flatMap(({ removed, added }) => [
      ...removed.map((line) => `-${line}`),
      ...added.map((line) => `+${line}`),
    ]),
  ].join('\n');
}

/** Whether a higher side still has a line that a change brought, or lacks one that it took away, and a lower side does not. */
export function contributes(
  change: { readonly before: readonly string[]; readonly after: readonly string[] },
  higher: ReadonlySet<string>,
  lower: ReadonlySet<string>,
): boolean {
  return diffLines(change.before, change.after).some(
    ({ removed, added }) =>
      added.some((line) => higher.has(line) && !lower.has(line)) ||
      removed.some((line) => lower.has(line) && !higher.has(line)),
  );
}

/**
 * What is offered to one lower Environment, by the higher ones from the nearest to the farthest. A change that a nearer one has as well
 * is offered once, from there; what a rollback brought is not offered.
 */
export function chooseOffers(changes: readonly OwnChange[]): { from: string; paths: OwnPath[] }[] {
  const offered = new Set<string>();
  const offers: { from: string; paths: OwnPath[] }[] = [];
  for (const { from, paths, back } of changes) {
    const chosen = paths.filter(
      ({ path, patch }) =>
        isCarried(path) && !(back && path.startsWith('base/')) && !offered.has(`${path}\0${patch}`),
    );
    for (const { path, patch } of chosen) offered.add(`${path}\0${patch}`);
    if (chosen.length > 0) offers.push({ from, paths: chosen });
  }
  return offers;
}
