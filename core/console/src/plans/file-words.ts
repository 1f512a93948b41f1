import type { FileChange } from '@catalyst/model/views/plan.ts';

const kinds: Readonly<Record<string, string>> = { create: 'new', change: 'changed', delete: 'deleted' };

/** What happens to a file, in a word. */
export function kindOf(file: FileChange): string {
  return kinds[file.change] ?? file.change;
}

/** Whether both sides that a change of its kind has were given; with one alone it would look like a deletion of everything. */
export function isTextual(file: FileChange): boolean {
  return (
    (file.change === 'create' || file.before !== undefined) &&
    (file.change === 'delete' || file.after !== undefined)
  );
}

/** Said in place of a text that was not given. */
export const noText = 'It is binary, empty, or too large to be shown. A clone has it.';
