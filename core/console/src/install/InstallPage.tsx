import type { AppliedPlan } from '@catalyst/model/api/applications.ts';
import { checkApplicationName } from '@catalyst/model/names.ts';
import type { DependencyChoice } from '@catalyst/model/views/plan.ts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { api } from '../api/api.ts';
import { ProblemError } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { toValues, type Values, withoutDefaults } from '../configuration/form-values.ts';
import { useEnvironment } from '../environments/EnvironmentLayout.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { PageSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { BlueprintIcon } from '../marketplace/BlueprintIcon.tsx';
import { offerUndo, undoPath } from '../plans/offer-undo.tsx';
import { retryPlan } from '../plans/use-plan.ts';
import { useRights } from '../session/use-rights.ts';
import { ConfigureStep } from './ConfigureStep.tsx';
import { freeName } from './free-name.ts';
import { ReviewStep } from './ReviewStep.tsx';

/** Installing a Blueprint: configure, see the plan, install. Nothing is written before the last button. */
export function Component() {
  const { blueprint: name = '' } = useParams();
  const [query] = useSearchParams();
  const { environment } = useEnvironment();
  const { mayChange } = useRights();
  const { data, error, refetch } = useQuery(queries.blueprint(name, query.get('version') ?? undefined));
  if (!mayChange(environment))
    return (
      <Failure
        error={
          new ProblemError(
            403,
            'Denied',
            `Installing in ${environment} needs the role Developer or Administrator there.`,
          )
        }
      />
    );
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <PageSkeleton />;
  return (
    <>
      <PageHeader
        title={`Install ${data.title}`}
        lead={
          <>
            in <span className="mono">{environment}</span>, version {data.version}
          </>
        }
        icon={<BlueprintIcon name={data.name} icon={data.icon} size={48} />}
        crumbs={[{ label: environment, to: `/environments/${environment}` }]}
      />
      <InstallFlow key={`${data.name}@${data.version}`} blueprint={data} />
    </>
  );
}

type Blueprint = Awaited<ReturnType<typeof api.blueprint>>;

function InstallFlow({ blueprint }: { blueprint: Blueprint }) {
  const { environment, state } = useEnvironment();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [typedName, setTypedName] = useState<string>();
  const application = typedName ?? freeName(blueprint.name.replace(/^bp-/, ''), state.applications);
  const [form, setForm] = useState<Values>({});
  const [choices, setChoices] = useState<Readonly<Record<string, DependencyChoice>>>({});
  const [reviewing, setReviewing] = useState(false);
  const top = useRef<HTMLDivElement>(null);

  const planning = useMutation({
    retry: retryPlan,
    mutationFn: (wanted: Readonly<Record<string, DependencyChoice>>) =>
      api.plan(environment, {
        action: 'install',
        application,
        blueprint: blueprint.name,
        version: blueprint.version,
        values: withoutDefaults(blueprint.configSchema, toValues(blueprint.configSchema, form)),
        dependencies: { ...wanted },
      }),
    onSuccess: (plan) => {
      const blocked = plan.problems.some(
        (problem) => problem.field === 'application' || problem.field?.startsWith('values.'),
      );
      setReviewing(!blocked);
      if (!reviewing) top.current?.scrollIntoView({ block: 'start' });
    },
  });
  const installed = async (applied: AppliedPlan) => {
    void client.invalidateQueries({ queryKey: ['organizations'] });
    await navigate(`/environments/${environment}`);
    offerUndo({
      message: `${application} is being installed.`,
      undo: () => void navigate(undoPath(environment, applied.planId)),
    });
  };
  const replan = (wanted: Readonly<Record<string, DependencyChoice>>) => {
    setChoices(wanted);
    planning.mutate(wanted);
  };

  return (
    <div ref={top} style={{ scrollMarginTop: '5rem', maxWidth: '60rem' }}>
      {reviewing && planning.data ? (
        <ReviewStep
          plan={planning.data}
          composite={blueprint.category === 'composite'}
          planning={planning.isPending}
          planError={planning.error}
          choices={choices}
          choose={replan}
          again={() => replan(choices)}
          back={() => setReviewing(false)}
          done={(applied) => void installed(applied)}
        />
      ) : (
        <ConfigureStep
          blueprint={blueprint}
          application={application}
          nameTaken={state.applications.has(application)}
          nameFits={checkApplicationName(application).ok}
          setApplication={setTypedName}
          form={form}
          setForm={setForm}
          plan={planning.data}
          error={planning.error}
          pending={planning.isPending}
          next={() => planning.mutate(choices)}
        />
      )}
    </div>
  );
}
