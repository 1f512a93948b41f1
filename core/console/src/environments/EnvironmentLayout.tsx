import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { Outlet, useOutletContext, useParams, useSearchParams } from 'react-router';
import { ProblemError } from '../api/client.ts';
import { BreakGlassBanner } from '../break-glass/BreakGlassBanner.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { UndoDialog } from '../plans/UndoDialog.tsx';
import { useRights } from '../session/use-rights.ts';
import type { EnvironmentState } from './environment-stream.ts';
import { useEnvironmentStream } from './use-environment-stream.ts';

/** What every page below an Environment has. */
export interface EnvironmentContext {
  readonly environment: string;
  readonly organization: string;
  readonly envType: string;
  readonly state: EnvironmentState;
}

/** Holds the one event stream that all pages of an Environment share. */
export function Component() {
  const { environment = '' } = useParams();
  const parsed = parseEnvironmentName(environment);
  if (!parsed)
    return (
      <Failure error={new ProblemError(404, 'NotFound', `"${environment}" is no name of an Environment.`)} />
    );
  return <Followed key={environment} environment={environment} {...parsed} />;
}

function Followed(props: { environment: string; organization: string; envType: string }) {
  const { error, ...state } = useEnvironmentStream(props.environment);
  if (error && error.status !== 401) return <Failure error={error} />;
  const context: EnvironmentContext = { ...props, state };
  return (
    <>
      <BreakGlassBanner environment={props.environment} />
      <Outlet context={context} />
      <Undoing environment={props.environment} />
    </>
  );
}

/** `?undo=<plan>` shows what taking that plan back would do, wherever in the Environment one is. */
function Undoing({ environment }: { environment: string }) {
  const [query, setQuery] = useSearchParams();
  const { mayChange } = useRights();
  const plan = query.get('undo');
  if (plan === null || !mayChange(environment)) return null;
  const close = () =>
    setQuery(
      (before) => {
        const next = new URLSearchParams(before);
        next.delete('undo');
        return next;
      },
      { replace: true, preventScrollReset: true },
    );
  return <UndoDialog key={plan} environment={environment} plan={plan} close={close} />;
}

/** The Environment that the page is in. */
export function useEnvironment(): EnvironmentContext {
  return useOutletContext<EnvironmentContext>();
}
