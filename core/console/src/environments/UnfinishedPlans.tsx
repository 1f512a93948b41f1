import type { UnfinishedPlan } from '@catalyst/model/api/applications.ts';
import { Box, Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api/api.ts';
import { problemsOf } from '../api/client.ts';
import { queries, useMe } from '../api/use-api.ts';
import { Section } from '../layout/Section.tsx';
import classes from '../organizations/Organizations.module.css';
import { ProblemList } from '../plans/ProblemList.tsx';

const states: Readonly<Record<UnfinishedPlan['state'], string>> = {
  'going-on': 'Being finished',
  'taking-back': 'Being taken back',
  'set-aside': 'Waits for a person',
};

/** Changes that were begun and are neither finished nor taken back, with why and who can act; nothing where there is none. */
export function UnfinishedPlans({ environment }: { environment: string }) {
  const me = useMe();
  const client = useQueryClient();
  const { data } = useQuery(queries.unfinishedPlans(environment));
  const trying = useMutation({
    mutationFn: (plan: string) => api.applyPlan(environment, plan),
    onSuccess: () => notifications.show({ message: 'It is finished.' }),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: queries.unfinishedPlans(environment).queryKey });
      // The button may be gone with its row.
      if (document.activeElement === document.body)
        document.getElementById('main')?.focus({ preventScroll: true });
    },
  });
  const items = data?.items ?? [];
  // What is said of a plan that was taken back is to be read although it is on the list no more.
  if (items.length === 0 && !trying.error) return null;
  return (
    <Section title="Begun and not finished" lead="Changes of which a part is done." flush>
      {trying.error && (
        <Box mb="sm">
          <ProblemList title="It was tried again" problems={problemsOf(trying.error)} />
        </Box>
      )}
      <ul className={classes.list}>
        {items.map(({ planId, action, by, state, done, left, message }) => (
          <li key={planId} className={classes.row}>
            <div className={classes.rowWords}>
              <Text fw={600}>
                {states[state]}: {action} {[...done, ...left].join(', ')}, asked for by {by.name}
              </Text>
              <Text size="sm" c="dimmed">
                {message}
              </Text>
            </div>
            {state === 'set-aside' && me?.user.id === by.id && (
              <div className={classes.rowEnd}>
                <Button
                  variant="default"
                  size="xs"
                  loading={trying.isPending && trying.variables === planId}
                  onClick={() => trying.mutate(planId)}
                >
                  Try again
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
