import { Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Logo } from '../layout/Logo.tsx';
import classes from './EntrancePanel.module.css';

/** The one panel of the pages before a session: sign-in, set-up, invitation. */
export function EntrancePanel({
  title,
  lead,
  children,
}: {
  title: string;
  lead: string;
  children: ReactNode;
}) {
  return (
    <div className={classes.page}>
      <title>{`${title} · Catalyst`}</title>
      <Paper className={classes.panel} shadow="none">
        <Logo size={36} />
        <Stack gap={4} mt="lg" mb="lg">
          <Title order={1}>{title}</Title>
          <Text c="dimmed">{lead}</Text>
        </Stack>
        {children}
      </Paper>
    </div>
  );
}
