import type { DecidePromotion, PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { problemsOf } from '../api/client.ts';
import { Diff } from '../plans/FileChange.tsx';
import { isTextual, noText } from '../plans/file-words.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import promotionClasses from '../promotion/Promotion.module.css';
import { pullRequestsApi } from './pull-requests-api.ts';
import { useAct } from './use-act.ts';

type Promotion = NonNullable<PullRequestDetail['promotion']>;
type Undecided = Promotion['undecided'][number];
type Difference = Promotion['differences'][number];
type Take = DecidePromotion['decisions'][string];

/** Asks of each path that the destination changed for itself which side stays; all answers are saved together. */
export function DecisionForm({ detail, promotion }: { detail: PullRequestDetail; promotion: Promotion }) {
  const { environment } = detail;
  const [taken, setTaken] = useState<Readonly<Record<string, Take>>>({});
  const act = useAct(
    detail,
    () =>
      pullRequestsApi.decide(detail, {
        revision: detail.head,
        content: detail.content,
        decisions: { ...taken },
      }),
    () => undefined,
  );
  const count = Object.keys(taken).length;
  const all = promotion.undecided.length;
  const may = detail.may.comment;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (count > 0) act.mutate(undefined);
  };
  return (
    <form onSubmit={onSubmit} aria-label="Decisions">
      <Text fw={600} mt="md">
        {environment} has changes of its own that {promotion.from} lacks. Which side stays?
      </Text>
      <Text size="sm" c="dimmed">
        Lines with − are what {environment} has now, lines with + what {promotion.from} has.
      </Text>
      <div className={promotionClasses.decisions}>
        {promotion.undecided.map((entry) => (
          <OnePath
            key={entry.path}
            entry={entry}
            difference={promotion.differences.find(({ path }) => path === entry.path)}
            from={promotion.from}
            to={environment}
            disabled={!may}
            value={taken[entry.path]}
            choose={(take) => setTaken({ ...taken, [entry.path]: take })}
          />
        ))}
      </div>
      <Stack gap="xs" mt="md">
        {act.error && <ProblemList title="It was not saved" problems={problemsOf(act.error)} />}
        {may ? (
          <Group gap="sm">
            <Button type="submit" disabled={count === 0} loading={act.isPending}>
              {all === 1 ? 'Save the decision' : `Save decisions (${count} of ${all})`}
            </Button>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            Whoever may write in this Organization decides; who only views does not.
          </Text>
        )}
        <Text size="sm" c="dimmed">
          A decision changes what is merged: approvals that were given before fall, and who decides does not
          approve.
        </Text>
      </Stack>
    </form>
  );
}

function OnePath(props: {
  entry: Undecided;
  difference: Difference | undefined;
  from: string;
  to: string;
  disabled: boolean;
  value: Take | undefined;
  choose: (take: Take) => void;
}) {
  const { entry, difference, from, to } = props;
  const { path } = entry;
  return (
    <div className={promotionClasses.decision}>
      <div className={promotionClasses.decisionHead}>
        <strong className="mono">{path}</strong>
        <Text span size="sm" c="dimmed">
          {entry.conflict ? 'changed on both sides' : wordsOf(difference, from, to)}
        </Text>
      </div>
      {difference && isTextual(difference) ? (
        <Diff before={difference.before ?? ''} after={difference.after ?? ''} path={path} />
      ) : (
        <Text size="sm" c="dimmed" px="md">
          {noText}
        </Text>
      )}
      <Radio.Group
        label={
          <>
            Which side of <span className="mono">{path}</span> stays?
          </>
        }
        className={promotionClasses.decisionBody ?? ''}
        value={props.value ?? null}
        onChange={(take) => props.choose(take as Take)}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="destination" disabled={props.disabled} label={`Keep what ${to} has`} />
          <Radio value="source" disabled={props.disabled} label={`Take what ${from} has`} />
        </Stack>
      </Radio.Group>
    </div>
  );
}

function wordsOf(difference: Difference | undefined, from: string, to: string): string {
  if (difference?.change === 'create') return `only ${from} has it`;
  if (difference?.change === 'delete') return `only ${to} has it`;
  return `changed in ${to}`;
}
