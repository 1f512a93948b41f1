import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Anchor, Button, Text } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { BreakGlassBanner } from '../break-glass/BreakGlassBanner.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { PageSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { Section } from '../layout/Section.tsx';
import { Markdown } from '../markdown/Markdown.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { CommitList } from './CommitList.tsx';
import { ConflictHelp } from './ConflictHelp.tsx';
import { Discussion } from './Discussion.tsx';
import { EditDialog } from './EditDialog.tsx';
import { ForeseenPlan } from './ForeseenPlan.tsx';
import { PromotionNotice } from './PromotionNotice.tsx';
import { PullRequestAnnouncer } from './PullRequestAnnouncer.tsx';
import { PullRequestBadge } from './PullRequestBadge.tsx';
import classes from './PullRequests.module.css';
import { surfaceWords } from './pull-request-words.ts';
import { pullRequestQueries } from './pull-requests-api.ts';
import { ReviewedFiles } from './ReviewedFiles.tsx';
import { ReviewFacts } from './ReviewFacts.tsx';
import { StatusPanel } from './StatusPanel.tsx';

/** One pull request: what it would do, what it waits for, who said what, and what the person can do about it. */
export function Component() {
  const { organization = '', application = '', number = '' } = useParams();
  const ref = { organization, application, number: Number(number) };
  const { data, error, refetch } = useQuery(pullRequestQueries.one(ref));
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <PageSkeleton />;
  return <Shown key={`${application} ${number}`} detail={data} />;
}

function Shown({ detail }: { detail: PullRequestDetail }) {
  const { organization } = detail;
  const [editing, setEditing] = useState(false);
  const mayEdit = detail.state === 'open' && detail.may.close;
  return (
    <>
      <PageHeader
        title={detail.title}
        beside={<PullRequestBadge state={detail.state} />}
        lead={<Lead detail={detail} />}
        crumbs={[
          { label: organization, to: `/organizations/${organization}` },
          { label: 'Pull requests', to: `/organizations/${organization}/pull-requests` },
        ]}
        actions={
          mayEdit && (
            <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => setEditing(true)}>
              Edit
            </Button>
          )
        }
      />
      <PullRequestAnnouncer detail={detail} />
      {detail.state === 'open' && <BreakGlassBanner environment={detail.environment} />}
      <div className={classes.page}>
        <div className={classes.aside}>
          <StatusPanel detail={detail} />
          <ReviewFacts detail={detail} />
        </div>
        <div className={classes.description}>
          <Section title="Description">
            {detail.description.trim() === '' ? (
              <Text c="dimmed">Nobody wrote one.</Text>
            ) : (
              <Markdown source={detail.description} />
            )}
          </Section>
        </div>
        <div className={classes.body}>
          {detail.promotion && <PromotionNotice detail={detail} promotion={detail.promotion} />}
          {detail.conflicts.length > 0 && !detail.promotion && <ConflictHelp detail={detail} />}
          <ForeseenPlan detail={detail} />
          <ReviewedFiles detail={detail} />
          <CommitList detail={detail} />
          <Discussion detail={detail} />
        </div>
      </div>
      {editing && <EditDialog detail={detail} close={() => setEditing(false)} />}
    </>
  );
}

function Lead({ detail }: { detail: PullRequestDetail }) {
  const { application, environment } = detail;
  return (
    <>
      {application} #{detail.number}, opened by {detail.openedBy.name} {surfaceWords(detail.openedOn)}{' '}
      <RelativeTime at={detail.openedAt} />:{' '}
      {detail.promotion ? (
        `promotion from ${detail.promotion.from}`
      ) : (
        <span className="mono">{detail.source ?? `refs/pull/${detail.number}/head`}</span>
      )}{' '}
      into <span className="mono">{detail.destination}</span> of{' '}
      <Anchor component={Link} to={`/environments/${environment}`} inherit>
        {environment}
      </Anchor>
    </>
  );
}
