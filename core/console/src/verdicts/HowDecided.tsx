import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import type { VerdictDetail } from '@catalyst/model/api/verdicts.ts';
import type { PolicyFacts } from '@catalyst/model/policy/facts.ts';
import { List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { GateList } from '../plans/GateList.tsx';
import classes from '../plans/Plan.module.css';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { factWords } from './fact-words.ts';
import { type MergeOf, mergeVerdictQuery } from './verdicts-api.ts';

/** Unfolds to the verdict of a merge: its gates and facts as they were, and whether they give the same answer now. */
export function HowDecided({ detail }: { detail: PullRequestDetail }) {
  const [open, setOpen] = useState(false);
  if (detail.state !== 'merged') return null;
  return (
    <details className={classes.fold} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={classes.foldHead}>How it was decided</summary>
      <div className={classes.foldBody}>{open && <Recorded of={detail} />}</div>
    </details>
  );
}

function Recorded({ of }: { of: MergeOf }) {
  const { data, error, refetch } = useQuery(mergeVerdictQuery(of));
  if (error && data === undefined) return <Failure error={error} retry={() => void refetch()} compact />;
  if (data === undefined) return <BlockSkeleton rows={1} height={64} />;
  if (data === null)
    return (
      <Text size="sm" c="dimmed">
        No verdict is recorded for it: it reached the branch by another way, or before verdicts were kept.
      </Text>
    );
  return <Shown verdict={data} />;
}

function Shown({ verdict }: { verdict: VerdictDetail }) {
  const gates = [...verdict.outcome.gates, ...verdict.further];
  // The API documents facts as an object; they are those of the policy.
  const facts = factWords(verdict.facts as unknown as PolicyFacts);
  const { by, configRevision, policy, replayed } = verdict;
  return (
    <>
      <Text size="sm">
        Asked by {by.name} <RelativeTime at={verdict.lastAt} />
        {verdict.byBreakGlass ? '; let through past closed gates because the glass was broken' : ''}.
      </Text>
      {gates.length > 0 ? (
        <GateList gates={gates} />
      ) : (
        <Text size="sm">{policy ? 'No gate was in the way.' : 'Nothing protected the Environment.'}</Text>
      )}
      {facts.length > 0 && (
        <List size="sm" spacing={2}>
          {facts.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      )}
      <Text size="sm" c="dimmed">
        {policy && configRevision && (
          <>
            By the policy as of <code title={configRevision}>{configRevision.slice(0, 10)}</code> of
            system/catalyst-config.{' '}
          </>
        )}
        {replayed.same
          ? 'The same policy and facts give the same answer now.'
          : 'This version of Catalyst answers otherwise from the same policy and facts.'}
      </Text>
    </>
  );
}
