import type { ApplicationDetail } from '@catalyst/model/api/applications.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useMemo } from 'react';
import { useEnvironment } from '../environments/EnvironmentLayout.tsx';
import { PlanDialog } from '../plans/PlanDialog.tsx';
import { ReasonedDialog } from './ReasonedDialog.tsx';
import { RebindDialog } from './RebindDialog.tsx';
import { UninstallDialog } from './UninstallDialog.tsx';

/** What can be done to an Application as a whole. */
export type Action = 'restart' | 'pause' | 'resume' | 'hold' | 'release' | 'rebind' | 'uninstall';

interface ActionProps {
  readonly view: ApplicationView;
  readonly opener: RefObject<HTMLElement | null>;
  readonly close: () => void;
}

/** The dialog of an action: its plan, and the button that carries it out. */
export function ActionDialog(props: ActionProps & { action: Action; detail: ApplicationDetail }) {
  const { action, detail, ...rest } = props;
  const { state } = useEnvironment();
  switch (action) {
    case 'hold':
    case 'release':
      return <HoldDialog action={action} {...rest} />;
    case 'rebind':
      return <RebindDialog others={[...state.applications.values()]} {...rest} />;
    case 'uninstall':
      return <UninstallDialog volumes={detail.volumes} {...rest} />;
    default:
      return <SimpleDialog action={action} {...rest} />;
  }
}

const words = {
  restart: { verb: 'Restart', said: 'is being restarted.' },
  pause: { verb: 'Pause', said: 'is being paused. Its data is kept.' },
  resume: { verb: 'Resume', said: 'is being resumed.' },
} as const;

function SimpleDialog({ action, view, opener, close }: ActionProps & { action: keyof typeof words }) {
  const { verb, said } = words[action];
  const { environment, name } = view;
  const refresh = useRefresh(view);
  const request = useMemo<PlanRequest>(
    () =>
      action === 'restart'
        ? { action, application: name }
        : { action: 'configure', application: name, paused: action === 'pause' },
    [action, name],
  );
  return (
    <PlanDialog
      environment={environment}
      request={request}
      title={`${verb} ${name}`}
      action={verb}
      opener={opener}
      close={close}
      done={() => {
        close();
        notifications.show({ message: `${name} ${said}` });
        refresh();
      }}
    />
  );
}

/** Holds an Application as it is, or releases it; both want a reason. */
export function HoldDialog({ action, view, opener, close }: ActionProps & { action: 'hold' | 'release' }) {
  const { environment, name } = view;
  const refresh = useRefresh(view);
  const holding = action === 'hold';
  return (
    <ReasonedDialog
      environment={environment}
      title={holding ? `Hold ${name}` : `Release ${name}`}
      action={holding ? 'Hold' : 'Release'}
      label={holding ? 'Why is it held?' : 'Why can it be released?'}
      lead={
        holding
          ? 'While it is held, its version and its shared configuration do not change, whoever tries and wherever. It goes on running.'
          : `From then on, changes of ${name} are possible again. Releasing changes nothing by itself.`
      }
      request={(reason) => ({ action, application: name, reason })}
      opener={opener}
      close={close}
      done={() => {
        close();
        notifications.show({ message: holding ? `${name} is held.` : `${name} is released.` });
        refresh();
      }}
    />
  );
}

function useRefresh({ environment, name }: ApplicationView): () => void {
  const client = useQueryClient();
  return () =>
    void client.invalidateQueries({ queryKey: ['environments', environment, 'applications', name] });
}
