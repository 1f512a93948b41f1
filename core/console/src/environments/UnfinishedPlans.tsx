import type { UnfinishedPlan } from '@catalyst/model/api/applications.ts';
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/use-api.ts';
import { Section } from '../layout/Section.tsx';
import classes from '../organizations/Organizations.module.css';

const states: Readonly<Record<UnfinishedPlan['state'], string>> = {
  'going-on': 'Being finished',
  'taking-back': 'Being taken back',
  'set-aside': 'Waits for a person',
};

/** Changes that were begun and are neither finished nor taken back, with why and who can act; nothing where there is none. */
export function UnfinishedPlans({ environment }: { environment: string }) {
  const { data } = useQuery(queries.unfinishedPlans(environment));
  const items = data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title="Begun and not finished" lead="Changes of which a part is done." flush>
      <ul className={classes.list}>
        {items.map(({ planId, action, by, state, done, left, message }) => (
          <li key={planId} className={classes.row}>
            <div className={classes.rowWords}>
              <Text fw={600}>
                {states[state]}: {action} {[...done, ...left].join(', ')}, asked for by {by}
              </Text>
              <Text size="sm" c="dimmed">
                {message}
              </Text>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
