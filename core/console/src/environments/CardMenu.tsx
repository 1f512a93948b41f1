import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useEffect } from 'react';
import { PromoteItem } from '../promotion/PromoteItem.tsx';
import type { NextEnvironment } from '../promotion/use-next-environment.ts';
import classes from './EnvironmentPage.module.css';
import type { HeldPlace } from './states.ts';

/** What else can be done from a card. Nothing where that is nothing. While it is open, the card is asked to stay in its place. */
export function CardMenu(props: {
  readonly application: ApplicationView;
  readonly next: NextEnvironment;
  readonly hold: (place: HeldPlace) => void;
  readonly release: (name: string) => void;
}) {
  const { application, next, hold, release } = props;
  const { name, environment, state } = application;
  useEffect(() => () => release(name), [release, name]);
  if (!next.shown) return null;
  return (
    <Menu
      position="bottom-end"
      width={250}
      onOpen={() => hold({ name, state })}
      onClose={() => release(name)}
    >
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          className={classes.more ?? ''}
          aria-label={`More for ${name}`}
        >
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <PromoteItem application={name} environment={environment} next={next} />
      </Menu.Dropdown>
    </Menu>
  );
}
