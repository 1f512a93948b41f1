import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { ProblemList } from '../plans/ProblemList.tsx';
import { type PullRequestRef, pullRequestQueries } from '../pull-requests/pull-requests-api.ts';
import { StatusPanel } from '../pull-requests/StatusPanel.tsx';
import classes from './Inbox.module.css';

const mostFiles = 12;

/** What merging a pull request would do, in short, and the same place to decide it as on its page. */
export function Decide({ of, path }: { of: PullRequestRef; path: string }) {
  const { data, error, refetch } = useQuery(pullRequestQueries.one(of));
  if (error && !data) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data) return <BlockSkeleton rows={1} height={160} />;
  return (
    <div className={classes.decide}>
      <Summary detail={data} path={path} />
      <StatusPanel detail={data} />
    </div>
  );
}

/** `create hello: bp-web-app 1.0.0, 2 objects`: what the plan comes to. */
function PartLine({ part }: { part: NonNullable<NonNullable<PullRequestDetail['plan']>['application']> }) {
  const { application, change, blueprint, version, versionBefore, objects } = part;
  const from = versionBefore === undefined || versionBefore === version ? '' : ` (from ${versionBefore})`;
  const restarts = part.restarts?.length ?? 0;
  return (
    <Text size="sm" mb={4}>
      <strong>
        {change} {application}
      </strong>
      : <span className="mono">{`${blueprint} @ ${version}${from}`}</span>
      {objects.length > 0 && `, ${objects.length === 1 ? '1 object' : `${objects.length} objects`} change`}
      {restarts > 0 && `, ${restarts} restart`}
    </Text>
  );
}

function Summary({ detail, path }: { detail: PullRequestDetail; path: string }) {
  const { plan, files, description } = detail;
  const consequences = plan?.consequences ?? [];
  return (
    <section aria-label="What merging it would do">
      {description.trim() !== '' && (
        <Text size="sm" mb="xs" lineClamp={4}>
          {description}
        </Text>
      )}
      <ProblemList title="This cannot be merged as it is" problems={plan?.problems ?? []} />
      {plan?.application && <PartLine part={plan.application} />}
      {consequences.length > 0 ? (
        <ul className={classes.consequences}>
          {consequences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      ) : (
        <Text size="sm">No further consequence for people or data is known.</Text>
      )}
      <Text size="sm" mt="xs" fw={600}>
        {files.length === 1 ? '1 file changes' : `${files.length} files change`}
      </Text>
      <ul className={classes.files}>
        {files.slice(0, mostFiles).map((file) => (
          <li key={file.path} className="mono">
            {file.change} {file.path}
          </li>
        ))}
      </ul>
      <Anchor component={Link} to={path} size="sm">
        {files.length > mostFiles
          ? `See all ${files.length} files and the plan`
          : 'See what is in them, and the plan'}
      </Anchor>
    </section>
  );
}
