import type { UnfinishedPlan } from '@catalyst/model/api/applications.ts';
import { Button, Text } from '@mantine/core';
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
  const { data } = useQuery(queries.unfinishedPlans(environment));
  const items = data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title="Begun and not finished" lead="Changes of which a part is done." flush>
      <ul className={classes.list}>
        {items.map((plan) => (
          <Unfinished key={plan.planId} plan={plan} environment={environment} />
        ))}
      </ul>
    </Section>
  );
}

function Unfinished({ plan, environment }: { plan: UnfinishedPlan; environment: string }) {
  const me = useMe();
  const client = useQueryClient();
  const trying = useMutation({
    mutationFn: () => api.applyPlan(environment, plan.planId),
    onSuccess: () => notifications.show({ message: 'It is finished.' }),
    onSettled: () => client.invalidateQueries({ queryKey: queries.unfinishedPlans(environment).queryKey }),
  });
  const { action, by, state, done, left, message } = plan;
  return (
    <li className={classes.row}>
      <div className={classes.rowWords}>
        <Text fw={600}>
          {states[state]}: {action} {[...done, ...left].join(', ')}, asked for by {by.name}
        </Text>
        <Text size="sm" c="dimmed">
          {message}
        </Text>
        {trying.error && <ProblemList title="It is not finished" problems={problemsOf(trying.error)} />}
      </div>
      {state === 'set-aside' && me?.user.id === by.id && (
        <div className={classes.rowEnd}>
          <Button variant="default" size="xs" loading={trying.isPending} onClick={() => trying.mutate()}>
            Try again
          </Button>
        </div>
      )}
    </li>
  );
}
