import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Button, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Section } from '../layout/Section.tsx';
import { isTextual, kindOf, noText } from '../plans/file-words.ts';
import planClasses from '../plans/Plan.module.css';
import { Comment } from './Comment.tsx';
import { CommentForm } from './CommentForm.tsx';
import classes from './PullRequests.module.css';
import { commentsOn } from './pull-request-words.ts';
import { ReviewedDiff } from './ReviewedDiff.tsx';

type File = PullRequestDetail['files'][number];

const openAtFirst = 5;

/** Every file that it changes, line by line, with what was said about them. */
export function ReviewedFiles({ detail }: { detail: PullRequestDetail }) {
  const { files } = detail;
  if (files.length === 0) return null;
  return (
    <Section
      title={`Files (${files.length})`}
      lead={detail.may.comment ? 'Choose a line’s number to say something about it.' : undefined}
      flush
    >
      <div className={classes.files}>
        {files.map((file) => (
          <ReviewedFile key={file.path} file={file} detail={detail} open={files.length <= openAtFirst} />
        ))}
      </div>
    </Section>
  );
}

function ReviewedFile(props: { file: File; detail: PullRequestDetail; open: boolean }) {
  const { file, detail } = props;
  const said = useMemo(() => commentsOn(detail.comments, file.path), [detail.comments, file.path]);
  const count = said.whole.length + [...said.byLine.values()].flat().length;
  const [opened, setOpened] = useState(props.open || count > 0);
  const kind = kindOf(file);
  return (
    <details
      className={planClasses.file}
      open={opened}
      onToggle={(event) => setOpened(event.currentTarget.open)}
    >
      <summary className={planClasses.fileHead}>
        <span className="mono">{file.path}</span>
        <span className={planClasses.kind} data-kind={kind}>
          {count > 0 && `${count} ${count === 1 ? 'comment' : 'comments'}, `}
          {kind}
        </span>
      </summary>
      {opened && (
        <>
          {isTextual(file) ? (
            <ReviewedDiff file={file} detail={detail} comments={said.byLine} />
          ) : (
            <Text size="sm" c="dimmed" className={classes.fileNote ?? ''}>
              {noText}
            </Text>
          )}
          <AboutFile file={file} detail={detail} comments={said.whole} />
        </>
      )}
    </details>
  );
}

function AboutFile(props: {
  file: File;
  detail: PullRequestDetail;
  comments: PullRequestDetail['comments'];
}) {
  const { file, detail, comments } = props;
  const [writing, setWriting] = useState(false);
  if (comments.length === 0 && !detail.may.comment) return null;
  return (
    <div className={classes.fileNote}>
      {comments.length > 0 && (
        <ul className={classes.comments}>
          {comments.map((comment) => (
            <Comment key={comment.id} comment={comment} />
          ))}
        </ul>
      )}
      {writing ? (
        <CommentForm
          detail={detail}
          label={`Comment on ${file.path}`}
          about={{ file: file.path }}
          cancel={() => setWriting(false)}
        />
      ) : (
        detail.may.comment && (
          <Button variant="subtle" color="gray" size="compact-sm" onClick={() => setWriting(true)}>
            Comment on this file
          </Button>
        )
      )}
    </div>
  );
}
