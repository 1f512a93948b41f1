import type { BreakGlassView } from '@catalyst/model/api/break-glass.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { Button, Text } from '@mantine/core';
import { IconHammer } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { messageOf } from '../api/client.ts';
import { useMe } from '../api/use-api.ts';
import { useRights } from '../session/use-rights.ts';
import { Sentence } from '../time/Sentence.tsx';
import classes from './BreakGlass.module.css';
import { breakGlassApi, breakGlassQueries } from './break-glass-api.ts';

/** Says to everybody who has broken the glass of an Environment, why, and until when. */
export function BreakGlassBanner({ environment }: { environment: string }) {
  const { data } = useQuery(breakGlassQueries.open(environment));
  const items = data?.items ?? [];
  return (
    <div role="status" aria-live="polite" className={items.length > 0 ? classes.banner : undefined}>
      {items.map((glass) => (
        <Broken key={glass.id} glass={glass} />
      ))}
    </div>
  );
}

function Broken({ glass }: { glass: BreakGlassView }) {
  const { environment, id, by, reason, until } = glass;
  const me = useMe();
  const { may } = useRights();
  const client = useQueryClient();
  const closing = useMutation({
    mutationFn: () => breakGlassApi.close(environment, id),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ['environments', environment, 'break-glass'] });
      await client.invalidateQueries({ queryKey: ['organizations'] });
    },
  });
  const mine = me?.user.id === by.id;
  const organization = parseEnvironmentName(environment)?.organization ?? '';
  return (
    <div className={classes.broken} data-tone="red">
      <IconHammer size={18} aria-hidden="true" className={classes.icon} />
      <div className={classes.words}>
        <strong>
          {mine ? 'You have' : `${by.name} has`} broken the glass of {environment}.
        </strong>{' '}
        {reason}
        <div>
          Until it ends, the gates of its policy do not hold for {mine ? 'your' : 'their'} merges.{' '}
          <Sentence text={`It ends at ${until}`} />.
        </div>
        {closing.error && (
          <Text size="sm" c="var(--red)" role="alert">
            {messageOf(closing.error)}
          </Text>
        )}
      </div>
      {(mine || may('members.write', organization)) && (
        <Button variant="default" size="xs" loading={closing.isPending} onClick={() => closing.mutate()}>
          End it now
        </Button>
      )}
    </div>
  );
}
