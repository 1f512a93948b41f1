import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Button, Text } from '@mantine/core';
import { IconClockPlay } from '@tabler/icons-react';
import { problemsOf } from '../api/client.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import classes from './PullRequests.module.css';
import { pullRequestsApi } from './pull-requests-api.ts';
import type { Seen } from './seen.ts';
import { useAct } from './use-act.ts';

/** Has exactly what was looked at merged as soon as its gates are open, or takes that back; both are undone with a click. */
export function AutoMerge(props: {
  readonly detail: PullRequestDetail;
  readonly seen: Seen;
  readonly moved: boolean;
}) {
  const { detail, moved } = props;
  const { head, content } = props.seen;
  const { autoMerge, may } = detail;
  const done = () => undefined;
  const ask = useAct(
    detail,
    () => pullRequestsApi.askAutoMerge(detail, { expectedHead: head, content }),
    done,
  );
  const stop = useAct(detail, () => pullRequestsApi.stopAutoMerge(detail), done);
  const error = ask.error ?? stop.error;
  const offers = may.autoMerge && !detail.mergeable && !autoMerge;
  if (!autoMerge && !offers && !error) return null;
  return (
    <div className={classes.status}>
      {autoMerge && <Wish detail={detail} autoMerge={autoMerge} />}
      {offers && (
        <Button
          variant="default"
          leftSection={<IconClockPlay size={17} />}
          disabled={moved}
          loading={ask.isPending}
          onClick={() => ask.mutate(undefined)}
        >
          Merge when gates open
        </Button>
      )}
      {autoMerge && may.stopAutoMerge && (
        <Button
          variant="default"
          color="gray"
          loading={stop.isPending}
          onClick={() => stop.mutate(undefined)}
        >
          Do not merge by itself
        </Button>
      )}
      {error && <ProblemList title="That was not done" problems={problemsOf(error)} />}
    </div>
  );
}

function Wish({
  detail,
  autoMerge,
}: {
  detail: PullRequestDetail;
  autoMerge: NonNullable<PullRequestDetail['autoMerge']>;
}) {
  const { by, at, until, waits } = autoMerge;
  return (
    <Text size="sm" component="p" m={0} role="status">
      It is merged by itself, as {by.name} asked for <RelativeTime at={at} />
      {until ? (
        <>
          : <RelativeTime at={until} />.
        </>
      ) : (
        ', as soon as its gates are open.'
      )}
      {!detail.why.includes(waits) && <> {waits}</>}{' '}
      {detail.promotion ? 'Another content ends that.' : 'A new push ends that.'}
    </Text>
  );
}
