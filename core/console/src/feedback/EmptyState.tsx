import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './EmptyState.module.css';

/** Says in a calm place that there is nothing (yet), and what can be done. */
export function EmptyState(props: {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly message?: ReactNode;
  readonly role?: 'alert' | 'status';
  readonly children?: ReactNode;
}) {
  return (
    <div className={classes.box} role={props.role}>
      {props.icon && (
        <span className={classes.icon} aria-hidden="true">
          {props.icon}
        </span>
      )}
      <Stack gap={6} align="center">
        <Title order={2}>{props.title}</Title>
        {props.message && (
          <Text c="dimmed" maw={460} ta="center" style={{ overflowWrap: 'anywhere' }}>
            {props.message}
          </Text>
        )}
      </Stack>
      {props.children}
    </div>
  );
}
