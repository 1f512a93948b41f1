import { Menu, Text } from '@mantine/core';
import { IconArrowForwardUp } from '@tabler/icons-react';
import { Link } from 'react-router';
import { promotePath } from './promotion-address.ts';
import type { NextEnvironment } from './use-next-environment.ts';

/** Leads to the promotion of an Application; where the person may not, says why. Nothing where there is no next Environment. */
export function PromoteItem(props: {
  readonly application: string;
  readonly environment: string;
  readonly next: NextEnvironment;
}) {
  const { destination, may, shown, whyNot } = props.next;
  if (destination === undefined || !shown) return null;
  const icon = <IconArrowForwardUp size={16} />;
  if (!may)
    return (
      // Not `disabled`: the reason must be reachable by keyboard.
      <Menu.Item leftSection={icon} aria-disabled="true" closeMenuOnClick={false} c="dimmed">
        Promote…
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'normal' }}>
          {whyNot}
        </Text>
      </Menu.Item>
    );
  return (
    <Menu.Item
      component={Link}
      to={promotePath(destination, { from: props.environment, applications: [props.application] })}
      leftSection={icon}
    >
      Promote to {destination}…
    </Menu.Item>
  );
}
