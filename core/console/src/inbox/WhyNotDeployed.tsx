import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import classes from '../applications/ApplicationPage.module.css';
import { titleOfRole } from '../organizations/roles.ts';
import { Sentence } from '../time/Sentence.tsx';
import { inboxQueries } from './inbox-api.ts';

const early: ReadonlySet<string> = new Set(['git', 'gates', 'hold', 'event']);

/** What keeps a change from arriving here, before anything that the Application itself says. Nothing where nothing does. */
export function WhyNotDeployed({ environment, application }: { environment: string; application: string }) {
  const { data } = useQuery(inboxQueries.why(environment, application));
  const before = (data?.blockers ?? []).filter(({ stage }) => early.has(stage));
  return before.slice(0, 3).map((blocker) => (
    <div key={blocker.message} className={classes.why} data-tone="purple" role="status">
      <strong>
        <Sentence text={blocker.message} />
      </strong>
      <div>Who can act: {titleOfRole(blocker.actor)}.</div>
      {blocker.pullRequest && (
        <Text size="sm" component="div">
          <Anchor component={Link} to={blocker.pullRequest.path} inherit>
            See #{blocker.pullRequest.number}
          </Anchor>
        </Text>
      )}
    </div>
  ));
}
