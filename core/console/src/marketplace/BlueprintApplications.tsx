import type { BlueprintMatrix } from '@catalyst/model/api/lanes.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { Anchor, Button, Select } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { statusOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { StateBadge } from '../environments/StateBadge.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { laneQueries } from '../lanes/lanes-api.ts';
import { Section } from '../layout/Section.tsx';
import classes from './BlueprintApplications.module.css';

/** Where a Blueprint runs: every Application of an Organization that it installed, in each Environment. */
export function BlueprintApplications(props: {
  readonly blueprint: string;
  /** Environment that the person came from. */
  readonly environment: string | undefined;
}) {
  const { blueprint, environment } = props;
  const { data } = useQuery(queries.organizations);
  const names = (data?.items ?? []).map(({ name }) => name);
  const [chosen, setChosen] = useState<string | null>(null);
  const preferred = environment === undefined ? undefined : parseEnvironmentName(environment)?.organization;
  const organization = chosen ?? names.find((name) => name === preferred) ?? names[0];
  if (organization === undefined) return null;
  return (
    <Section
      title="Applications"
      lead="Where this Blueprint runs. Each row leads to the lane of the Application."
      flush
      actions={
        names.length > 1 && (
          <Select
            aria-label="Organization"
            size="xs"
            searchable
            value={organization}
            data={names}
            allowDeselect={false}
            onChange={setChosen}
          />
        )
      }
    >
      <Matrix key={organization} organization={organization} blueprint={blueprint} />
    </Section>
  );
}

function Matrix({ organization, blueprint }: { organization: string; blueprint: string }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    laneQueries.matrix(organization, blueprint),
  );
  // Another Organization's own Blueprint is not known in this one.
  const unknown = statusOf(error) === 404;
  if (error && !data && !unknown) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data && !unknown) return <BlockSkeleton rows={2} height={48} />;
  const applications = (data?.pages ?? []).flatMap((page) => page.applications);
  const environments = data?.pages[0]?.environments ?? [];
  if (applications.length === 0)
    return <p className={classes.empty}>No Application of {organization} uses it yet.</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a narrow screen it scrolls, also by keyboard. */}
      <section className={classes.scroll} aria-label={`Applications of ${organization}`} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Application</th>
              {environments.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {applications.map((application) => (
              <Row key={application.name} application={application} environments={environments} />
            ))}
          </tbody>
        </table>
      </section>
      {hasNextPage && (
        <Button variant="default" mt="md" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

function Row(props: {
  readonly application: BlueprintMatrix['applications'][number];
  readonly environments: readonly string[];
}) {
  const { name, displayName, cells } = props.application;
  const [first] = cells;
  return (
    <tr>
      <th scope="row">
        {first ? (
          <Anchor component={Link} to={`/environments/${first.environment}/applications/${name}/lane`}>
            {displayName ?? name}
          </Anchor>
        ) : (
          name
        )}
      </th>
      {props.environments.map((environment) => {
        const cell = cells.find((one) => one.environment === environment);
        return (
          <td key={environment}>
            {cell ? (
              <div className={classes.cell} title={cell.why?.message}>
                <span>
                  <span className="mono">{cell.version}</span>
                  {cell.newest && <span className={classes.newest}>newest</span>}
                </span>
                <StateBadge state={cell.state} />
              </div>
            ) : (
              <span className={classes.none}>
                <span aria-hidden="true">–</span>
                <span className="visually-hidden">not installed</span>
              </span>
            )}
          </td>
        );
      })}
    </tr>
  );
}
