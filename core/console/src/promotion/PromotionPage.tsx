import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Alert, Button, Text } from '@mantine/core';
import { IconCircleCheck, IconGitMerge } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link, useLocation, useNavigate, useSearchParams } from 'react-router';
import { useEnvironment } from '../environments/EnvironmentLayout.tsx';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { Section } from '../layout/Section.tsx';
import { pullRequestQueries } from '../pull-requests/pull-requests-api.ts';
import { type Seen, toSeen } from '../pull-requests/seen.ts';
import { PromotedRow } from './PromotedRow.tsx';
import classes from './Promotion.module.css';
import { parseOpened } from './promotion-address.ts';
import { type Item, useMerging } from './use-merging.ts';

/** What became of a promotion: each pull request in order, why it waits, and how its Application is. */
export function Component() {
  const { environment, organization } = useEnvironment();
  const [query] = useSearchParams();
  const opened = parseOpened(query.getAll('opened'));
  const answers = useQueries({
    queries: opened.map((one) => pullRequestQueries.one({ organization, ...one })),
  });
  const known = answers.flatMap(({ data }) => (data ? [data] : []));
  const details = known.filter((detail) => detail.environment === environment);
  const failed = answers.find(({ error, data }) => error && !data);
  return (
    <>
      <PageHeader
        title={`Promotion to ${environment}`}
        lead={fromOf(details)}
        crumbs={[{ label: environment, to: `/environments/${environment}` }]}
      />
      {opened.length === 0 || (details.length === 0 && known.length === opened.length) ? (
        <EmptyState title="No pull request of this Environment is named here">
          <Button component={Link} to={`/environments/${environment}`} variant="default">
            Go to {environment}
          </Button>
        </EmptyState>
      ) : failed ? (
        <Failure error={failed.error} retry={() => void failed.refetch()} compact />
      ) : known.length < opened.length ? (
        <BlockSkeleton rows={opened.length} height={96} />
      ) : (
        <Followed details={details} />
      )}
    </>
  );
}

function fromOf(details: readonly PullRequestDetail[]) {
  const from = details[0]?.promotion?.from;
  return from === undefined ? undefined : (
    <>
      from <span className="mono">{from}</span>
    </>
  );
}

function Followed({ details }: { details: readonly PullRequestDetail[] }) {
  const { environment, state } = useEnvironment();
  const merging = useMerging();
  const { mutate } = merging;
  const navigate = useNavigate();
  const location = useLocation();
  const begun = useRef(false);
  const toItems = (seen?: readonly Seen[]): Item[] =>
    details.map((detail, index) => {
      const { organization, application, number } = detail;
      return { organization, application, number, seen: seen?.[index] ?? toSeen(detail) };
    });
  useEffect(() => {
    const seen = seenOf(location.state);
    if (!seen || begun.current) return;
    begun.current = true;
    // A page that is loaded anew merges nothing by itself.
    void navigate(location.pathname + location.search, { replace: true, state: null });
    mutate(toItems(seen));
  });
  const open = details.filter((detail) => detail.state === 'open');
  const [next] = open;
  const stopped = merging.data;
  return (
    <div className={classes.flow}>
      <div role="status">
        {merging.isPending ? (
          <Text fw={550}>Merging, one after the other…</Text>
        ) : stopped && open.length > 0 ? (
          <Alert color="yellow" title={`It stopped at ${stopped.item.application} #${stopped.item.number}`}>
            {stopped.reason}
            {open.length > 1 && ' What comes after it was not merged.'}
          </Alert>
        ) : (
          open.length === 0 && <Ended details={details} />
        )}
      </div>
      <Section
        title={details.length === 1 ? 'Pull request' : 'Pull requests'}
        lead={details.length > 1 ? 'They are merged in this order.' : undefined}
        flush
      >
        <ol className={classes.rows}>
          {details.map((detail) => (
            <PromotedRow
              key={`${detail.application} ${detail.number}`}
              detail={detail}
              view={state.applications.get(detail.application)}
              known={state.known}
            />
          ))}
        </ol>
      </Section>
      {next && !merging.isPending && (
        <div>
          <Button
            leftSection={<IconGitMerge size={17} />}
            disabled={!next.may.merge}
            onClick={() => mutate(toItems())}
          >
            {open.length === 1 ? `Merge ${next.application} #${next.number}` : 'Merge in order'}
          </Button>
          {!next.may.merge && (
            <Text size="sm" c="dimmed" mt="xs">
              {next.mergeable
                ? `Merging changes ${environment}. That needs the role Developer or Administrator there.`
                : open.length === 1
                  ? 'It cannot be merged yet; above is why.'
                  : `${next.application} #${next.number} comes first, and cannot be merged yet.`}
            </Text>
          )}
        </div>
      )}
    </div>
  );
}

/** What was opened a moment ago, and nothing that took its place. */
function seenOf(state: unknown): readonly Seen[] | undefined {
  const seen = (state as { seen?: unknown } | null)?.seen;
  return Array.isArray(seen) ? (seen as Seen[]) : undefined;
}

function Ended({ details }: { details: readonly PullRequestDetail[] }) {
  const { environment } = useEnvironment();
  const merged = details.filter((detail) => detail.state === 'merged').length;
  return (
    <Alert color={merged === details.length ? 'green' : 'gray'} icon={<IconCircleCheck size={18} />}>
      {merged === details.length
        ? `Everything is merged. ${environment} follows; below is what is observed.`
        : `${merged} of ${details.length} were merged, the others are closed.`}
    </Alert>
  );
}
