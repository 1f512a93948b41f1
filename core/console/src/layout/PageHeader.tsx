import { Anchor, Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import classes from './PageHeader.module.css';

/** One step of the way to a page. */
export interface Crumb {
  readonly label: string;
  readonly to: string;
}

/** Title of a page with the way to it and its actions; names the browser tab too. */
export function PageHeader(props: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly icon?: ReactNode;
  readonly beside?: ReactNode;
  readonly crumbs?: readonly Crumb[];
  readonly actions?: ReactNode;
}) {
  return (
    <div className={classes.header}>
      <title>{`${props.title} · Catalyst`}</title>
      {props.crumbs && (
        <nav aria-label="Way to this page" className={classes.crumbs}>
          {props.crumbs.map((crumb) => (
            <span key={crumb.to}>
              <Anchor component={Link} to={crumb.to} size="sm" c="dimmed">
                {crumb.label}
              </Anchor>
              <span className={classes.slash} aria-hidden="true">
                /
              </span>
            </span>
          ))}
        </nav>
      )}
      <div className={classes.row}>
        {props.icon}
        <div className={classes.words}>
          <Group gap="sm">
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>
              {props.title}
            </Title>
            {props.beside}
          </Group>
          {props.lead && (
            <Text c="dimmed" component="div" mt={2}>
              {props.lead}
            </Text>
          )}
        </div>
        {props.actions && <div className={classes.actions}>{props.actions}</div>}
      </div>
    </div>
  );
}
