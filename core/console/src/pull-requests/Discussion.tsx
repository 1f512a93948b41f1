import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Text } from '@mantine/core';
import { Section } from '../layout/Section.tsx';
import { Comment } from './Comment.tsx';
import { CommentForm } from './CommentForm.tsx';
import classes from './PullRequests.module.css';

/** Everything that was said, oldest first, and a place to say more. */
export function Discussion({ detail }: { detail: PullRequestDetail }) {
  const { comments } = detail;
  return (
    <Section title="Discussion" flush>
      {comments.length > 0 ? (
        <ul className={classes.comments}>
          {comments.map((comment) => (
            <Comment key={comment.id} comment={comment} named />
          ))}
        </ul>
      ) : (
        <Text size="sm" c="dimmed" mb="md">
          Nobody has said anything yet.
        </Text>
      )}
      {detail.may.comment && <CommentForm detail={detail} label="Your comment" />}
    </Section>
  );
}
