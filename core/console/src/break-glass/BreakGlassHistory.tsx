import type { BreakGlassView } from '@catalyst/model/api/break-glass.ts';
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { messageOf } from '../api/client.ts';
import { Section } from '../layout/Section.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import classes from './BreakGlass.module.css';
import { breakGlassQueries } from './break-glass-api.ts';
import { endWords } from './break-glass-words.ts';

/** Every time that somebody broke the glass of an Environment, newest first; nothing where nobody ever did. */
export function BreakGlassHistory({ environment }: { environment: string }) {
  const { data, error } = useQuery(breakGlassQueries.all(environment));
  if (error && !data)
    return (
      <Text size="sm" c="var(--red)" role="alert" mb="md">
        Who broke the glass could not be loaded: {messageOf(error)}
      </Text>
    );
  if (!data || data.items.length === 0) return null;
  return (
    <Section title="Broken glass" lead="Who merged past the gates of the policy, or could have, and why.">
      <ul className={classes.entries}>
        {data.items.map((glass) => (
          <Entry key={glass.id} glass={glass} />
        ))}
      </ul>
    </Section>
  );
}

function Entry({ glass }: { glass: BreakGlassView }) {
  const { by, reason, minutes, openedAt } = glass;
  return (
    <li>
      <strong>{by.name}</strong>, <RelativeTime at={openedAt} />, for {minutes}{' '}
      {minutes === 1 ? 'minute' : 'minutes'}: {reason}
      <Text size="sm" c="dimmed">
        {endWords(glass)}
      </Text>
    </li>
  );
}
