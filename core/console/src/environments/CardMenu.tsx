import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { PromoteItem } from '../promotion/PromoteItem.tsx';
import type { NextEnvironment } from '../promotion/use-next-environment.ts';
import classes from './EnvironmentPage.module.css';
import type { HeldPlace } from './states.ts';

/** A click that closes the menu reaches what it was meant for before the cards move. */
const clickMs = 300;

/** What else can be done from a card. Nothing where that is nothing. While it is open, the card is asked to stay in its place. */
export function CardMenu(props: {
  readonly application: ApplicationView;
  readonly next: NextEnvironment;
  readonly hold: (place: HeldPlace) => void;
  readonly release: (name: string) => void;
}) {
  const { application, next, hold, release } = props;
  const { name, environment, state } = application;
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(leaving.current);
      release(name);
    },
    [release, name],
  );
  if (!next.shown) return null;
  return (
    <Menu
      position="bottom-end"
      width={250}
      onOpen={() => {
        clearTimeout(leaving.current);
        hold({ name, state });
      }}
      onClose={() => {
        leaving.current = setTimeout(() => release(name), clickMs);
      }}
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
