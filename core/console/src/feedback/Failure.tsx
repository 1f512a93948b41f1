import { Button, Group } from '@mantine/core';
import { IconCloudOff, IconLock, IconMapSearch, IconMoodSad } from '@tabler/icons-react';
import { Link } from 'react-router';
import { messageOf, statusOf } from '../api/client.ts';
import { EmptyState } from './EmptyState.tsx';

/** Why a page or a part of it could not be shown, and what can be done about it. */
export function Failure({
  error,
  retry,
  compact,
}: {
  error: unknown;
  retry?: () => void;
  compact?: boolean;
}) {
  const status = statusOf(error);
  const { title, Icon } = kindOf(status);
  return (
    <EmptyState icon={<Icon size={26} stroke={1.5} />} title={title} message={messageOf(error)} role="alert">
      <Group gap="xs" justify="center">
        {retry && status !== 403 && status !== 404 && (
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        )}
        {!compact && (
          <Button component={Link} to="/" variant="subtle">
            Go to the start
          </Button>
        )}
      </Group>
    </EmptyState>
  );
}

function kindOf(status: number) {
  if (status === 0) return { title: 'No connection to Catalyst', Icon: IconCloudOff };
  if (status === 403) return { title: 'You may not do this', Icon: IconLock };
  if (status === 404) return { title: 'Nothing here', Icon: IconMapSearch };
  return { title: 'This could not be loaded', Icon: IconMoodSad };
}
