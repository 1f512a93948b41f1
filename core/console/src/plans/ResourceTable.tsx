import type { Resources } from '@catalyst/model/views/plan.ts';
import classes from './Plan.module.css';
import { resourceChanges } from './resource-changes.ts';

/** Processor, memory and storage before and after a change. */
export function ResourceTable(props: {
  readonly label: string;
  readonly before: Resources;
  readonly after: Resources;
}) {
  const rows = resourceChanges(props.before, props.after);
  if (rows.length === 0) return null;
  return (
    <table className={classes.resources} aria-label={props.label}>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Resource</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
          <th scope="col">Difference</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            <td>{row.delta ? row.before : ''}</td>
            <td>
              {row.delta && (
                <span aria-hidden="true" className={classes.arrow}>
                  →{' '}
                </span>
              )}
              {row.after}
            </td>
            <td className={classes.delta} data-grows={row.grows}>
              {row.delta ?? (row.before === undefined ? 'new' : 'as before')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
