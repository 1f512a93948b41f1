import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Anchor, Text, Title } from '@mantine/core';
import { IconCheck, IconCircleDashed, IconClock, IconMessageExclamation, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Section } from '../layout/Section.tsx';
import { Markdown } from '../markdown/Markdown.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { PullRequestRow } from './PullRequestRow.tsx';
import classes from './PullRequests.module.css';
import { postedBy, shortRevision } from './pull-request-words.ts';

/** Who reviewed it, who owns what it changes, what other systems say, and what it belongs to. */
export function ReviewFacts({ detail }: { detail: PullRequestDetail }) {
  const { reviews, owners, checks, members } = detail;
  return (
    <>
      <Section title="Reviews">
        {reviews.length === 0 ? (
          <Text size="sm" c="dimmed">
            Nobody has reviewed it yet.
          </Text>
        ) : (
          <ul className={classes.entries}>
            {reviews.map((review) => (
              <Reviewed key={review.by.id} review={review} head={detail.head} />
            ))}
          </ul>
        )}
        {owners.length > 0 && (
          <>
            <Title order={3} className={classes.subtitle ?? ''}>
              Owners of what it changes
            </Title>
            <ul className={classes.entries}>
              {owners.map((owner) => (
                <li key={owner} className="mono">
                  {owner}
                </li>
              ))}
            </ul>
          </>
        )}
        {checks.length > 0 && (
          <>
            <Title order={3} className={classes.subtitle ?? ''}>
              Checks
            </Title>
            <ul className={classes.entries}>
              {checks.map((check) => (
                <Checked key={check.name} check={check} head={detail.head} />
              ))}
            </ul>
          </>
        )}
      </Section>
      {members && members.length > 1 && (
        <Section title="Its set" lead="They belong together and are merged in this order." flush>
          <ol className={classes.list}>
            {members.map((item) => (
              <PullRequestRow
                key={`${item.application} ${item.number}`}
                item={item}
                current={item.application === detail.application && item.number === detail.number}
              />
            ))}
          </ol>
        </Section>
      )}
    </>
  );
}

function Entry(props: { tone?: string | undefined; icon: ReactNode; children: ReactNode }) {
  return (
    <li className={classes.entry} data-tone={props.tone}>
      <span className={classes.entryIcon} aria-hidden="true">
        {props.icon}
      </span>
      <div style={{ minWidth: 0 }}>{props.children}</div>
    </li>
  );
}

function Reviewed(props: { review: PullRequestDetail['reviews'][number]; head: string }) {
  const { review } = props;
  const approves = review.verdict === 'approve';
  return (
    <Entry
      tone={review.stale ? undefined : approves ? 'green' : 'amber'}
      icon={
        review.stale ? (
          <IconCircleDashed size={16} />
        ) : approves ? (
          <IconCheck size={16} />
        ) : (
          <IconMessageExclamation size={16} />
        )
      }
    >
      <strong>{review.by.name}</strong> {approves ? 'approved' : 'asked for changes'}{' '}
      <RelativeTime at={review.at} />
      {review.stale && (
        <Text size="sm" c="dimmed">
          {review.revision === props.head ? (
            'Stale: it was on the same revision, before something was decided about it.'
          ) : (
            <>
              Stale: it was on <code>{shortRevision(review.revision)}</code>, which is not the head any more.
            </>
          )}
        </Text>
      )}
      {review.comment && <Markdown source={review.comment} />}
    </Entry>
  );
}

const marks = {
  pending: { tone: 'amber', word: 'is running', icon: <IconClock size={16} /> },
  success: { tone: 'green', word: 'passed', icon: <IconCheck size={16} /> },
  failure: { tone: 'red', word: 'failed', icon: <IconX size={16} /> },
} as const;

function Checked({ check, head }: { check: PullRequestDetail['checks'][number]; head: string }) {
  const stale = check.revision !== head;
  const { tone, word, icon } = marks[check.status];
  return (
    <Entry tone={stale ? undefined : tone} icon={icon}>
      {check.url ? (
        <Anchor href={check.url} target="_blank" rel="noreferrer noopener nofollow" inherit>
          {check.name}
        </Anchor>
      ) : (
        <strong>{check.name}</strong>
      )}{' '}
      {word}
      {stale && ' (for an earlier head)'}, posted by {postedBy(check)} <RelativeTime at={check.at} />
      {check.summary && (
        <Text size="sm" c="dimmed">
          {check.summary}
        </Text>
      )}
    </Entry>
  );
}
