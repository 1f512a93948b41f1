import type { ReactNode } from 'react';
import classes from './Plan.module.css';

/** A part of a plan that can be folded away. */
export function Fold(props: {
  readonly title: ReactNode;
  readonly note?: ReactNode;
  readonly open: boolean;
  readonly children: ReactNode;
}) {
  return (
    <details className={classes.fold} open={props.open}>
      <summary className={classes.foldHead}>
        {props.title}
        {props.note && <span className={classes.foldNote}>{props.note}</span>}
      </summary>
      <div className={classes.foldBody}>{props.children}</div>
    </details>
  );
}
