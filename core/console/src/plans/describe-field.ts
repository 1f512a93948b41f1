import type { FieldChange } from '@catalyst/model/views/plan.ts';
import { toYaml } from '../applications/to-yaml.ts';

/** How one changed field is drawn. */
export interface DescribedField {
  readonly path: string;
  /** Absent: the field was not there. */
  readonly before?: string;
  /** Absent: the field is gone. */
  readonly after?: string;
  /** `hidden`: its values are not given, as of Secrets. `short`: both sides fit on a line. */
  readonly kind: 'hidden' | 'short' | 'long';
}

/** Fields in the order in which people look: labels and annotations, which change with every version, come last. */
export function inOrder(fields: readonly FieldChange[]): FieldChange[] {
  const isMark = ({ path }: FieldChange) => /(^|\.)metadata\.(labels|annotations)\b/.test(path);
  return [...fields.filter((field) => !isMark(field)), ...fields.filter(isMark)];
}

const shortLength = 44;

/** A field as text: strings as they are, everything else as people write it in YAML. */
export function describeField(field: FieldChange): DescribedField {
  const { path } = field;
  if (field.before === undefined && field.after === undefined) return { path, kind: 'hidden' };
  const before = field.before === undefined ? undefined : textOf(field.before);
  const after = field.after === undefined ? undefined : textOf(field.after);
  const fits = (text: string | undefined) =>
    text === undefined || (text.length <= shortLength && !text.includes('\n'));
  return {
    path,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    kind: fits(before) && fits(after) ? 'short' : 'long',
  };
}

function textOf(value: unknown): string {
  if (value === '') return '""';
  return typeof value === 'string' ? value : toYaml(value).trimEnd();
}
