import { Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './Section.module.css';

/** A titled part of a page. `flush`: its content brings its own borders. */
export function Section(props: {
  readonly title: ReactNode;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly flush?: boolean;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classes.section}>
      <div className={classes.head}>
        <div className={classes.words}>
          <Title order={2} id={id}>
            {props.title}
          </Title>
          {props.lead && (
            <Text size="sm" c="dimmed" component="div">
              {props.lead}
            </Text>
          )}
        </div>
        {props.actions}
      </div>
      {props.flush ? props.children : <div className={classes.panel}>{props.children}</div>}
    </section>
  );
}
