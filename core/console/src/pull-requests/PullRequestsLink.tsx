import { useQuery } from '@tanstack/react-query';
import { NavLink } from 'react-router';
import classes from './PullRequests.module.css';
import { pullRequestQueries } from './pull-requests-api.ts';

/** Leads to the pull requests of an Organization, one Environment or one Application of it, and says how many are open. */
export function PullRequestsLink(props: {
  readonly organization: string;
  readonly environment?: string;
  readonly application?: string;
  readonly className?: string;
}) {
  const { organization, environment, application } = props;
  const { data } = useQuery({
    ...pullRequestQueries.list(organization, { state: 'open', environment, application }),
    refetchInterval: 30_000,
  });
  const query = new URLSearchParams({
    ...(environment === undefined ? {} : { environment }),
    ...(application === undefined ? {} : { application }),
  }).toString();
  const open = data?.items.length ?? 0;
  return (
    <NavLink
      to={{ pathname: `/organizations/${organization}/pull-requests`, search: query }}
      className={props.className ?? classes.link ?? ''}
    >
      Pull requests
      {open > 0 && (
        <span className={classes.count}>
          {open}
          <span className="visually-hidden"> open</span>
        </span>
      )}
    </NavLink>
  );
}
