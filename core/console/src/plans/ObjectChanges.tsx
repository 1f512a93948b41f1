import type { ObjectChange } from '@catalyst/model/views/plan.ts';
import { FieldChanges } from './FieldChanges.tsx';
import { Fold } from './Fold.tsx';
import classes from './Plan.module.css';

const groups = [
  { change: 'remove', title: 'Removed', tone: 'red' },
  { change: 'change', title: 'Changed', tone: 'blue' },
  { change: 'create', title: 'Added', tone: 'green' },
] as const;
const openedAtFirst = 4;

/** Rendered objects that are added, changed field by field, or removed. */
export function ObjectChanges({ objects, open }: { objects: readonly ObjectChange[]; open?: boolean }) {
  if (objects.length === 0) return null;
  const changed = objects.filter((object) => object.change === 'change').length;
  return (
    <Fold
      title={`${objects.length} ${objects.length === 1 ? 'object' : 'objects'}`}
      note={counts(objects)}
      open={open ?? (changed > 0 && changed <= openedAtFirst)}
    >
      {groups.map(({ change, title, tone }) => {
        const members = objects.filter((object) => object.change === change);
        if (members.length === 0) return null;
        return (
          <div key={change} className={classes.objectGroup}>
            {members.length < objects.length && (
              <div className={classes.objectTitle} data-tone={tone}>
                {title}
              </div>
            )}
            <ul className={classes.objects}>
              {members.map((object) => (
                <li key={`${object.kind}/${object.name}`}>
                  <OneObject object={object} open={changed <= openedAtFirst} />
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </Fold>
  );
}

function OneObject({ object, open }: { object: ObjectChange; open: boolean }) {
  const name = (
    <>
      <span className="mono">
        {object.kind}/{object.name}
      </span>
      {!object.enforced && <span className={classes.objectNote}>accepted, not enforced on this machine</span>}
    </>
  );
  const fields = object.fields ?? [];
  if (fields.length === 0) return <div className={classes.object}>{name}</div>;
  return (
    <details className={classes.file} open={open}>
      <summary className={classes.fileHead}>
        <span>{name}</span>
        <span className={classes.kind}>{fields.length === 1 ? '1 field' : `${fields.length} fields`}</span>
      </summary>
      <FieldChanges fields={fields} />
    </details>
  );
}

function counts(objects: readonly ObjectChange[]): string {
  const words = { create: 'added', change: 'changed', remove: 'removed' };
  return (['create', 'change', 'remove'] as const)
    .map((change) => ({ change, count: objects.filter((object) => object.change === change).length }))
    .filter(({ count }) => count > 0)
    .map(({ change, count }) => `${count} ${words[change]}`)
    .join(', ');
}
