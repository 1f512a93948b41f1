import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { Plan } from '@catalyst/model/views/plan.ts';
import { Anchor, Button, Group, List, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { IconCircleCheck, IconGitPullRequest } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { api } from '../api/api.ts';
import { problemsOf } from '../api/client.ts';
import { Overtaken } from './Overtaken.tsx';
import classes from './Plan.module.css';
import { ProblemList } from './ProblemList.tsx';
import { isOvertaken, titleOfPlan } from './plan-words.ts';

/** Where a change is decided by others: its title and description, then a pull request per Application. */
export function ProposeForm(props: {
  readonly plan: Plan;
  readonly ready: boolean;
  readonly size: 'sm' | 'md';
  readonly back: ReactNode;
  readonly again: () => void;
}) {
  const { plan } = props;
  const client = useQueryClient();
  const [title, setTitle] = useState(() => titleOfPlan(plan).slice(0, 200));
  const [description, setDescription] = useState('');
  const proposing = useMutation({
    mutationFn: () =>
      api.proposePlan(plan.environment, plan.id, {
        title: title.trim(),
        ...(description.trim() === '' ? {} : { description: description.trim() }),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['organizations'] }),
  });
  if (proposing.data) return <Proposed items={proposing.data.pullRequests} />;
  const overtaken = isOvertaken(proposing.error);
  return (
    <section aria-label="Open a pull request">
      <Stack gap="sm">
        <div>
          <Title order={3}>Open a pull request</Title>
          <Text size="sm" c="dimmed">
            {plan.policy?.protected === false
              ? `The policy of ${plan.environment} does not let this be applied now. Others can review it meanwhile.`
              : `${plan.environment} is protected: its changes are reviewed before they happen.`}
          </Text>
        </div>
        <TextInput
          label="Title"
          required
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Textarea
          label="Description"
          description="Why it should be done. The plan is there by itself."
          autosize
          minRows={2}
          maxRows={12}
          maxLength={20_000}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        {overtaken ? (
          <Overtaken error={proposing.error} again={props.again} />
        ) : (
          proposing.error && <ProblemList title="That did not work" problems={problemsOf(proposing.error)} />
        )}
        <Group gap="xs" justify={props.size === 'md' ? 'flex-start' : 'flex-end'}>
          {props.size !== 'md' && props.back}
          <Button
            size={props.size}
            leftSection={<IconGitPullRequest size={17} />}
            disabled={!props.ready || overtaken || title.trim() === ''}
            loading={proposing.isPending}
            onClick={() => proposing.mutate()}
          >
            Open a pull request
          </Button>
          {props.size === 'md' && props.back}
        </Group>
      </Stack>
    </section>
  );
}

/** The pull requests that a proposal became, in the order in which they are merged. */
function Proposed({ items }: { items: readonly PullRequestSummary[] }) {
  return (
    <div className={classes.risk} data-tone="green" role="status">
      <IconCircleCheck size={20} aria-hidden="true" className={classes.riskIcon} />
      <List size="sm" spacing={4} listStyleType="none">
        <List.Item>
          <strong>
            {items.length === 1 ? 'The pull request is open' : `${items.length} pull requests are open`}
          </strong>
        </List.Item>
        {items.map((item, index) => (
          <List.Item key={`${item.application} ${item.number}`}>
            <Anchor
              component={Link}
              to={`/organizations/${item.organization}/pull-requests/${item.application}/${item.number}`}
              inherit
              // The button that had the focus is gone.
              autoFocus={index === 0}
            >
              {item.application} #{item.number}
            </Anchor>{' '}
            {item.title}
          </List.Item>
        ))}
      </List>
    </div>
  );
}
