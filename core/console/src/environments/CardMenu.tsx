import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { PromoteItem } from '../promotion/PromoteItem.tsx';
import type { NextEnvironment } from '../promotion/use-next-environment.ts';
import classes from './EnvironmentPage.module.css';

/** What else can be done from a card. Nothing where that is nothing. */
export function CardMenu(props: {
  readonly application: string;
  readonly environment: string;
  readonly next: NextEnvironment;
}) {
  const { application, environment, next } = props;
  if (!next.shown) return null;
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          className={classes.more ?? ''}
          aria-label={`More for ${application}`}
        >
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <PromoteItem application={application} environment={environment} next={next} />
      </Menu.Dropdown>
    </Menu>
  );
}
