import type { FieldChange } from '@catalyst/model/views/plan.ts';
import { useMemo, useState } from 'react';
import { type DescribedField, describeField, inOrder } from './describe-field.ts';
import { Diff } from './FileChange.tsx';
import classes from './Plan.module.css';

const fieldsAtFirst = 30;
const cutAt = 240;

/** What changes inside of one object: each field with its value before and after. */
export function FieldChanges({ fields }: { fields: readonly FieldChange[] }) {
  const [all, setAll] = useState(false);
  const ordered = useMemo(() => inOrder(fields), [fields]);
  const shown = all ? ordered : ordered.slice(0, fieldsAtFirst);
  return (
    <div className={classes.fields}>
      <dl className={classes.fieldList}>
        {shown.map((field) => (
          <Field key={field.path} field={describeField(field)} />
        ))}
      </dl>
      {fields.length > shown.length && (
        <button type="button" className={classes.more} onClick={() => setAll(true)}>
          Show the other {fields.length - shown.length} fields
        </button>
      )}
    </div>
  );
}

function Field({ field }: { field: DescribedField }) {
  return (
    <div className={classes.field} data-kind={field.kind}>
      <dt className={classes.fieldPath}>{field.path}</dt>
      <dd className={classes.fieldValues}>
        <Sides field={field} />
      </dd>
    </div>
  );
}

function Sides({ field }: { field: DescribedField }) {
  const { before, after, kind } = field;
  if (kind === 'hidden') return <span className={classes.note}>changes; its value is not shown</span>;
  if (before !== undefined && after !== undefined && (before.includes('\n') || after.includes('\n')))
    return <Diff before={before} after={after} path={field.path} />;
  return (
    <>
      {before !== undefined && (
        <Side text={before} kind="removed" word={after === undefined ? 'removed' : 'before'} />
      )}
      {before !== undefined && after !== undefined && (
        <span aria-hidden="true" className={classes.arrow}>
          →
        </span>
      )}
      {after !== undefined && (
        <Side text={after} kind="added" word={before === undefined ? 'added' : 'after'} />
      )}
    </>
  );
}

function Side({ text, kind, word }: { text: string; kind: 'added' | 'removed'; word: string }) {
  const [all, setAll] = useState(false);
  const cut = !all && text.length > cutAt;
  return (
    <span className={classes.side} data-kind={kind}>
      <span className="visually-hidden">{word}: </span>
      {cut ? `${text.slice(0, cutAt)}…` : text}
      {cut && (
        <button type="button" className={classes.showAll} onClick={() => setAll(true)}>
          show all {text.length} characters
        </button>
      )}
    </span>
  );
}
