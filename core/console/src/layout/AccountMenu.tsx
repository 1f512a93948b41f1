import type { Me } from '@catalyst/model/api/identity.ts';
import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core';
import { IconBuilding, IconKey, IconLogout, IconShoppingBag } from '@tabler/icons-react';
import { Link } from 'react-router';
import { signOut } from '../session/sign-out.ts';
import classes from './TopBar.module.css';

/** Who is signed in, and what belongs to them. */
export function AccountMenu({ me }: { me: Me }) {
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.account} aria-label={`Account of ${me.user.name}`}>
          <Avatar size={32} radius="xl" color="accent" name={me.user.name} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <Text fw={600} truncate>
            {me.user.name}
          </Text>
          <Text size="sm" c="dimmed" truncate>
            {me.user.email}
          </Text>
          {me.user.sovereignAdmin && (
            <Text size="xs" c="dimmed" mt={2}>
              Administrator of this Sovereign
            </Text>
          )}
        </div>
        <Menu.Divider />
        <Menu.Item component={Link} to="/organizations" leftSection={<IconBuilding size={16} />}>
          Organizations
        </Menu.Item>
        <Menu.Item component={Link} to="/marketplace" leftSection={<IconShoppingBag size={16} />}>
          Marketplace
        </Menu.Item>
        <Menu.Item component={Link} to="/tokens" leftSection={<IconKey size={16} />}>
          Access tokens
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
