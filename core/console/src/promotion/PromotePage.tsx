import { type EnvType, environmentName, parseEnvironmentName } from '@catalyst/model/names.ts';
import { promotedFrom, promotesTo } from '@catalyst/model/promotion/order.ts';
import { Anchor } from '@mantine/core';
import { IconArrowForwardUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link, useSearchParams } from 'react-router';
import { ProblemError } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { useEnvironment } from '../environments/EnvironmentLayout.tsx';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { PageSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { useRights } from '../session/use-rights.ts';
import { ChooseApplications } from './ChooseApplications.tsx';
import { PromotionFlow } from './PromotionFlow.tsx';
import { promotePath } from './promotion-address.ts';
import { useEnvironmentTypes } from './use-next-environment.ts';

/** Bringing Applications from one Environment to the next: nothing is written before the last button. */
export function Component() {
  const { environment, organization, envType } = useEnvironment();
  const [query, setQuery] = useSearchParams();
  const applications = useMemo(() => [...new Set(query.getAll('application'))], [query]);
  const { mayChange } = useRights();
  const types = useEnvironmentTypes(organization);
  const { error, refetch } = useQuery(queries.environments(organization));
  if (!mayChange(environment))
    return (
      <Failure
        error={
          new ProblemError(
            403,
            'Denied',
            `Promoting into ${environment} needs the role Developer or Administrator there.`,
          )
        }
      />
    );
  if (error && !types) return <Failure error={error} retry={() => void refetch()} />;
  if (!types) return <PageSkeleton />;
  const usual = promotedFrom(types, envType as EnvType);
  const from = query.get('from') ?? (usual && environmentName(organization, usual));
  if (from === undefined)
    return (
      <EmptyState
        icon={<IconArrowForwardUp size={26} stroke={1.5} />}
        title={`Nothing is promoted into ${environment}`}
        message={`It is the first Environment of ${organization}. Install there, and promote from it.`}
      />
    );
  const next = promotesTo(types, parseEnvironmentName(from)?.envType ?? 'prod');
  const choose = (chosen: readonly string[]) => {
    const next = new URLSearchParams([['from', from], ...chosen.map((name) => ['application', name])]);
    setQuery(next);
  };
  const [only] = applications;
  return (
    <>
      <PageHeader
        title={
          applications.length === 1
            ? `Promote ${only} to ${environment}`
            : `Promote ${applications.length > 1 ? `${applications.length} Applications` : 'several'} to ${environment}`
        }
        lead={
          <>
            from <span className="mono">{from}</span>
          </>
        }
        crumbs={[
          { label: from, to: `/environments/${from}` },
          ...(applications.length === 1 && only !== undefined
            ? [{ label: only, to: `/environments/${from}/applications/${only}` }]
            : []),
        ]}
      />
      {next !== undefined && next !== envType && (
        <p>
          <Anchor
            component={Link}
            to={promotePath(environmentName(organization, next), { from, applications })}
          >
            Promote to {environmentName(organization, next)} instead
          </Anchor>
        </p>
      )}
      {applications.length === 0 ? (
        <ChooseApplications from={from} choose={choose} />
      ) : (
        <PromotionFlow key={applications.join(' ')} from={from} applications={applications} choose={choose} />
      )}
    </>
  );
}
