import type { ApplicationDetail } from '@catalyst/model/api/applications.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowsExchange,
  IconArrowUp,
  IconDots,
  IconLock,
  IconLockOpen,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { Link } from 'react-router';
import { PromoteItem } from '../promotion/PromoteItem.tsx';
import { useNextEnvironment } from '../promotion/use-next-environment.ts';
import { useRights } from '../session/use-rights.ts';
import { type Action, ActionDialog } from './ActionDialog.tsx';

/** What can be done to an Application as a whole; each shows its plan first. */
export function ApplicationActions({ view, detail }: { view: ApplicationView; detail: ApplicationDetail }) {
  const { mayChange } = useRights();
  const [action, setAction] = useState<Action>();
  const button = useRef<HTMLButtonElement>(null);
  const next = useNextEnvironment(view.environment);
  const may = mayChange(view.environment);
  if (!may && !next.may) return null;
  const settings = `/environments/${view.environment}/applications/${view.name}/settings`;
  const held = (view.holds ?? []).length > 0;
  const item = (name: Action, label: string, Icon: typeof IconRefresh, color?: string) => (
    <Menu.Item leftSection={<Icon size={16} />} {...(color ? { color } : {})} onClick={() => setAction(name)}>
      {label}
    </Menu.Item>
  );
  return (
    <>
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <ActionIcon ref={button} variant="default" size={36} aria-label={`Actions for ${view.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <PromoteItem application={view.name} environment={view.environment} next={next} />
          {next.destination !== undefined && may && <Menu.Divider />}
          {may && (
            <>
              {!view.paused && item('restart', 'Restart…', IconRefresh)}
              {view.paused
                ? item('resume', 'Resume…', IconPlayerPlay)
                : item('pause', 'Pause…', IconPlayerPause)}
              <Menu.Divider />
              {detail.versions.length > 1 && (
                <Menu.Item
                  component={Link}
                  to={`${settings}#version`}
                  leftSection={<IconArrowUp size={16} />}
                >
                  Upgrade…
                </Menu.Item>
              )}
              {view.dependencies.length > 0 && item('rebind', 'Rebind…', IconArrowsExchange)}
              {held ? item('release', 'Release…', IconLockOpen) : item('hold', 'Hold…', IconLock)}
              <Menu.Divider />
              {item('uninstall', 'Uninstall…', IconTrash, 'red')}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {action && (
        <ActionDialog
          action={action}
          view={view}
          detail={detail}
          opener={button}
          close={() => setAction(undefined)}
        />
      )}
    </>
  );
}
