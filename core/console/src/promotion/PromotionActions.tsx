import type { Plan } from '@catalyst/model/views/plan.ts';
import { Button, Group, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { IconGitPullRequest, IconRocket } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/api.ts';
import { problemsOf } from '../api/client.ts';
import { Overtaken } from '../plans/Overtaken.tsx';
import { ProblemList } from '../plans/ProblemList.tsx';
import { isOvertaken } from '../plans/plan-words.ts';
import { addressOf } from '../pull-requests/pull-request-words.ts';
import { toSeen } from '../pull-requests/seen.ts';
import { promotionPath } from './promotion-address.ts';
import { whyNotNow } from './promotion-words.ts';

type Way = 'open' | 'now';

interface Asked {
  readonly way: Way;
  readonly plan: string;
}

/** The buttons under the plan of a promotion: open its pull requests, or merge them at once where nobody must be asked. */
export function PromotionActions(props: {
  readonly plan: Plan;
  readonly title: string;
  readonly ready: boolean;
  /** The form above says something that the plan does not have. */
  readonly edited: boolean;
  readonly back: ReactNode;
  readonly again: () => void;
}) {
  const { plan } = props;
  const { environment } = plan;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [title, setTitle] = useState(props.title);
  const [description, setDescription] = useState('');
  const several = plan.applications.filter(({ change }) => change !== 'use').length > 1;
  const proposing = useMutation({
    mutationFn: (_asked: Asked) =>
      api.proposePlan(environment, plan.id, {
        // Several have titles of their own.
        ...(several ? {} : { title: title.trim() }),
        ...(description.trim() === '' ? {} : { description: description.trim() }),
      }),
    onSuccess: async ({ pullRequests }, { way }) => {
      void client.invalidateQueries({ queryKey: ['organizations'] });
      const [only] = pullRequests;
      if (way === 'open' && pullRequests.length === 1 && only) return navigate(addressOf(only));
      const seen = pullRequests.map(toSeen);
      return navigate(promotionPath(environment, pullRequests), way === 'now' ? { state: { seen } } : {});
    },
  });
  // A plan that is not the one that failed has not failed.
  const failure = proposing.variables?.plan === plan.id ? proposing.error : null;
  const overtaken = isOvertaken(failure);
  const possible = plan.problems.length === 0;
  const ready = possible && props.ready && !overtaken && (several || title.trim() !== '');
  const whyNot = whyNotNow(plan);
  const pending = (way: Way) =>
    (proposing.isPending || proposing.isSuccess) && proposing.variables.way === way;
  return (
    <section aria-label="Promote">
      <Stack gap="sm">
        {possible && (
          <Fields
            title={several ? undefined : title}
            setTitle={setTitle}
            description={description}
            setDescription={setDescription}
          />
        )}
        {overtaken ? (
          <Overtaken error={failure} again={props.again} />
        ) : (
          failure && <ProblemList title="That did not work" problems={problemsOf(failure)} />
        )}
        {possible && whyNot !== undefined && (
          <Text size="sm" c="dimmed">
            {whyNot}
          </Text>
        )}
        {props.edited && (
          <Text size="sm" role="status">
            Plan with the settings above first, or discard them.
          </Text>
        )}
        <Group gap="xs">
          {possible && whyNot === undefined && (
            <Button
              size="md"
              leftSection={<IconRocket size={17} />}
              disabled={!ready || pending('open')}
              loading={pending('now')}
              onClick={() => proposing.mutate({ way: 'now', plan: plan.id })}
            >
              Promote now
            </Button>
          )}
          <Button
            size="md"
            variant={possible && whyNot === undefined ? 'default' : 'filled'}
            leftSection={<IconGitPullRequest size={17} />}
            disabled={!ready || pending('now')}
            loading={pending('open')}
            onClick={() => proposing.mutate({ way: 'open', plan: plan.id })}
          >
            {several ? 'Open pull requests' : 'Open a pull request'}
          </Button>
          {props.back}
        </Group>
      </Stack>
    </section>
  );
}

function Fields(props: {
  /** Undefined: each pull request has one of its own. */
  title: string | undefined;
  setTitle: (title: string) => void;
  description: string;
  setDescription: (description: string) => void;
}) {
  return (
    <>
      <Title order={2}>Promote</Title>
      {props.title !== undefined && (
        <TextInput
          label="Title"
          required
          maxLength={200}
          value={props.title}
          onChange={(event) => props.setTitle(event.currentTarget.value)}
        />
      )}
      <Textarea
        label="Description"
        description="Why it should be done. The plan is there by itself."
        autosize
        minRows={2}
        maxRows={12}
        maxLength={20_000}
        value={props.description}
        onChange={(event) => props.setDescription(event.currentTarget.value)}
      />
    </>
  );
}
