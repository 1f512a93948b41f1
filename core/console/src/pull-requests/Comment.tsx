import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Markdown } from '../markdown/Markdown.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import classes from './PullRequests.module.css';

/** One contribution; `named` says what it is about, where the place does not. */
export function Comment(props: {
  readonly comment: PullRequestDetail['comments'][number];
  readonly named?: boolean;
}) {
  const { by, at, file, line, text } = props.comment;
  return (
    <li className={classes.comment}>
      <div className={classes.commentHead}>
        <strong>{by.name}</strong>
        <RelativeTime at={at} />
        {props.named && file !== undefined && (
          <span className="mono">
            {file}
            {line === undefined ? '' : `:${line}`}
          </span>
        )}
      </div>
      <Markdown source={text} />
    </li>
  );
}
