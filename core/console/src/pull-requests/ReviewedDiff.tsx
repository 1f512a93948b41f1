import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Fragment, type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { type DiffLine, diffLines } from '../plans/diff-lines.ts';
import { Comment } from './Comment.tsx';
import { CommentForm } from './CommentForm.tsx';
import classes from './PullRequests.module.css';

type Comments = PullRequestDetail['comments'];

const shownAtFirst = 400;
const signs = { same: ' ', added: '+', removed: '-', gap: '' } as const;
const words = { same: '', added: 'added: ', removed: 'removed: ', gap: '' } as const;

/**
 * Two versions of a file line by line; lines of the new one can be commented on. The numbers are one stop of the keyboard, with the
 * arrow keys between them.
 */
export function ReviewedDiff(props: {
  readonly file: PullRequestDetail['files'][number];
  readonly detail: PullRequestDetail;
  readonly comments: ReadonlyMap<number, Comments>;
}) {
  const { file, detail, comments } = props;
  const { before = '', after = '', path } = file;
  const lines = useMemo(() => diffLines(before, after), [before, after]);
  const [all, setAll] = useState(false);
  const [writing, setWriting] = useState<number>();
  const region = useRef<HTMLDivElement>(null);
  const shown = all ? lines : lines.slice(0, shownAtFirst);
  const visible = new Set(shown.map((line) => line.after));
  const elsewhere = [...comments].filter(([line]) => !visible.has(line)).flatMap(([, said]) => said);
  const first = shown.find((line) => line.after !== undefined)?.after;
  const [last, setLast] = useState<number>();
  const stop = last !== undefined && visible.has(last) ? last : first;
  const close = (line: number) => {
    setWriting(undefined);
    setTimeout(() =>
      region.current?.querySelector<HTMLElement>(`[aria-label="Comment on line ${line}"]`)?.focus(),
    );
  };
  return (
    <div className={`${classes.diff} ${classes.contained}`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
      <section className={classes.diffScroll} tabIndex={0} aria-label={`Changes of ${path}`}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys only move between the buttons inside. */}
        <div ref={region} className={classes.diffInner} onKeyDown={moveBetweenNumbers}>
          {shown.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one comparison never move.
            <Fragment key={index}>
              <Line
                line={line}
                isStop={line.after === stop}
                focused={setLast}
                choose={detail.may.comment ? setWriting : undefined}
              />
              {line.after !== undefined && (comments.has(line.after) || writing === line.after) && (
                <div className={classes.inline}>
                  <Said comments={comments.get(line.after) ?? []} />
                  {writing === line.after && (
                    <CommentForm
                      detail={detail}
                      label={`Comment on line ${line.after}`}
                      about={{ file: path, line: line.after }}
                      cancel={() => close(line.after ?? 0)}
                    />
                  )}
                </div>
              )}
            </Fragment>
          ))}
        </div>
      </section>
      {lines.length > shown.length && (
        <button type="button" className={classes.more} onClick={() => setAll(true)}>
          Show the other {lines.length - shown.length} lines
        </button>
      )}
      {elsewhere.length > 0 && (
        <div className={classes.fileNote}>
          <Said comments={elsewhere} named />
        </div>
      )}
    </div>
  );
}

function Line(props: {
  line: DiffLine;
  isStop: boolean;
  focused: (line: number) => void;
  /** Undefined: nothing can be said about it. */
  choose: ((line: number) => void) | undefined;
}) {
  const { line, choose } = props;
  const { after: number } = line;
  return (
    <div className={classes.line} data-kind={line.kind}>
      {number === undefined || choose === undefined ? (
        <span className={classes.number}>{number ?? ''}</span>
      ) : (
        <button
          type="button"
          className={`${classes.number} ${classes.numberButton}`}
          tabIndex={props.isStop ? 0 : -1}
          aria-label={`Comment on line ${number}`}
          onFocus={() => props.focused(number)}
          onClick={() => choose(number)}
        >
          {number}
        </button>
      )}
      <span aria-hidden="true" className={classes.sign}>
        {signs[line.kind]}
      </span>
      <span className="visually-hidden">{words[line.kind]}</span>
      <span className={classes.lineText}>{line.kind === 'gap' ? 'unchanged lines' : line.text || ' '}</span>
    </div>
  );
}

function Said({ comments, named }: { comments: Comments; named?: boolean }) {
  if (comments.length === 0) return null;
  return (
    <ul className={classes.comments}>
      {comments.map((comment) => (
        <Comment key={comment.id} comment={comment} named={named === true} />
      ))}
    </ul>
  );
}

function moveBetweenNumbers(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const target = event.target as HTMLElement;
  if (step === 0 || target.tagName !== 'BUTTON' || !target.ariaLabel?.startsWith('Comment on line')) return;
  const numbers = [
    ...event.currentTarget.querySelectorAll<HTMLElement>('button[aria-label^="Comment on line"]'),
  ];
  numbers[numbers.indexOf(target) + step]?.focus();
  event.preventDefault();
}
