import { Button, Select } from '@mantine/core';
import { IconGitPullRequest, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { queries } from '../api/use-api.ts';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { useRights } from '../session/use-rights.ts';
import { OpenPullRequestDialog } from './OpenPullRequestDialog.tsx';
import { PullRequestRow } from './PullRequestRow.tsx';
import classes from './PullRequests.module.css';
import { mostListed, type PullRequestFilter, pullRequestQueries } from './pull-requests-api.ts';
import { useApplicationNames } from './use-application-names.ts';

const states = [
  { value: 'open', label: 'Open' },
  { value: 'merged', label: 'Merged' },
  { value: 'closed', label: 'Closed' },
] as const;

/** The pull requests of an Organization by state, Environment and Application; the address keeps the choice. */
export function Component() {
  const { organization = '' } = useParams();
  const [query] = useSearchParams();
  const { may } = useRights();
  const [opening, setOpening] = useState(false);
  const filter: PullRequestFilter = {
    state: states.find(({ value }) => value === query.get('state'))?.value ?? 'open',
    environment: query.get('environment') ?? undefined,
    application: query.get('application') ?? undefined,
  };
  return (
    <>
      <PageHeader
        title="Pull requests"
        lead="Changes that people look at before they reach an Environment."
        crumbs={[{ label: organization, to: `/organizations/${organization}` }]}
        actions={
          may('pull-request.write', organization) && (
            <Button leftSection={<IconPlus size={17} />} onClick={() => setOpening(true)}>
              Open a pull request
            </Button>
          )
        }
      />
      <Filters organization={organization} filter={filter} />
      <List organization={organization} filter={filter} />
      {opening && <OpenPullRequestDialog organization={organization} close={() => setOpening(false)} />}
    </>
  );
}

function Filters({ organization, filter }: { organization: string; filter: PullRequestFilter }) {
  const [query, setQuery] = useSearchParams();
  const environments = useQuery(queries.environments(organization)).data?.items ?? [];
  const applications = useApplicationNames(organization);
  const withChoice = (key: string, value: string | null) => {
    const next = new URLSearchParams(query);
    if (value === null) next.delete(key);
    else next.set(key, value);
    return next;
  };
  const choose = (key: string) => (value: string | null) =>
    setQuery(withChoice(key, value), { replace: true, preventScrollReset: true });
  const known = (chosen: string | undefined, names: readonly string[]) => [
    ...new Set([...(chosen === undefined ? [] : [chosen]), ...names]),
  ];
  return (
    <div className={classes.filters}>
      <nav aria-label="State" className={classes.states}>
        {states.map(({ value, label }) => (
          <Link
            key={value}
            to={{ search: withChoice('state', value).toString() }}
            replace
            preventScrollReset
            className={classes.state}
            aria-current={filter.state === value ? 'page' : undefined}
          >
            {label}
          </Link>
        ))}
      </nav>
      <Select
        aria-label="Environment"
        placeholder="Every Environment"
        data={known(
          filter.environment,
          environments.map(({ name }) => name),
        )}
        value={filter.environment ?? null}
        onChange={choose('environment')}
        clearable
        className={classes.filter}
      />
      <Select
        aria-label="Application"
        placeholder="Every Application"
        data={known(filter.application, applications)}
        value={filter.application ?? null}
        onChange={choose('application')}
        clearable
        searchable
        className={classes.filter}
      />
    </div>
  );
}

function List({ organization, filter }: { organization: string; filter: PullRequestFilter }) {
  const { data, error, refetch } = useQuery(pullRequestQueries.list(organization, filter));
  if (error && !data) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data) return <BlockSkeleton rows={4} height={74} />;
  if (data.items.length === 0) return <Nothing filter={filter} />;
  return (
    <>
      <ul className={classes.list} aria-label="Pull requests">
        {data.items.map((item) => (
          <PullRequestRow key={`${item.application} ${item.number}`} item={item} />
        ))}
      </ul>
      {data.items.length >= mostListed && (
        <p className={classes.note}>
          The newest {mostListed} are shown. Choose an Application to see others.
        </p>
      )}
    </>
  );
}

function Nothing({ filter }: { filter: PullRequestFilter }) {
  const narrow = filter.environment !== undefined || filter.application !== undefined;
  return (
    <EmptyState
      icon={<IconGitPullRequest size={26} stroke={1.5} />}
      title={`No ${filter.state ?? ''} pull request${narrow ? ' here' : ''}`}
      message={
        filter.state === 'open'
          ? 'One is opened when somebody proposes a change from a plan, pushes with git push -o pull-request, or opens it here for a branch.'
          : undefined
      }
    >
      {narrow && (
        <Button component={Link} to={{ search: `?state=${filter.state ?? 'open'}` }} variant="default">
          Show those of every Environment and Application
        </Button>
      )}
    </EmptyState>
  );
}
