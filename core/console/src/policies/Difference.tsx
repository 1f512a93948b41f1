import type { PolicyDifference } from '@catalyst/model/api/policies.ts';
import classes from './Policies.module.css';

const marks = { keep: '', add: '+', remove: '−' } as const;
const words = { keep: '', add: 'New: ', remove: 'No more: ' } as const;

/** The sentences of a policy as they are and as they would be. */
export function Difference({ of, label }: { of: readonly PolicyDifference[]; label: string }) {
  return (
    <ul className={classes.difference} aria-label={label}>
      {of.map(({ change, sentence }) => (
        <li key={`${change} ${sentence}`} className={classes.sentence} data-change={change}>
          <span aria-hidden="true">{marks[change]}</span>
          <span>
            <span className="visually-hidden">{words[change]}</span>
            <span className={change === 'remove' ? classes.removed : undefined}>{sentence}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
