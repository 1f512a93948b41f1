import type { ChangeView } from '@catalyst/model/api/history.ts';
import { Button } from '@mantine/core';
import { IconArrowBackUp, IconClipboardList, IconFileDiff, IconGitCommit } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { queries } from '../api/use-api.ts';
import { BreakGlassHistory } from '../break-glass/BreakGlassHistory.tsx';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { ChangeRow } from '../history/ChangeRow.tsx';
import classes from '../history/History.module.css';
import { mayUndo } from '../history/outcome-looks.ts';
import { PlanDrawer } from '../history/PlanDrawer.tsx';
import { useRefetchOn } from '../history/use-refetch-on.ts';
import { useRights } from '../session/use-rights.ts';
import { EnvironmentHeader } from './EnvironmentHeader.tsx';
import { useEnvironment } from './EnvironmentLayout.tsx';

/** Every change of every Application of an Environment, newest first. */
export function Component() {
  const { environment } = useEnvironment();
  return (
    <>
      <EnvironmentHeader />
      <BreakGlassHistory environment={environment} />
      <Changes />
    </>
  );
}

function Changes() {
  const { environment, state } = useEnvironment();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    queries.environmentHistory(environment),
  );
  // What moved or settled since is in the answer of the next question.
  const moved = [...state.applications.values()]
    .map((item) => `${item.name} ${item.revision} ${item.state}`)
    .join();
  useRefetchOn(moved, refetch);
  if (error && !data) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data) return <BlockSkeleton rows={5} height={64} />;
  const changes = data.pages.flatMap((page) => page.items);
  if (changes.length === 0)
    return (
      <EmptyState
        icon={<IconGitCommit size={26} stroke={1.5} />}
        title="Nothing has changed here yet"
        message="Every install, change, rollback and push in this Environment is listed here."
      />
    );
  return (
    <>
      <ol className={classes.list}>
        {changes.map((change) => (
          <ChangeRow
            key={`${change.application} ${change.revision}`}
            change={change}
            named
            current={state.applications.get(change.application)?.appliedRevision === change.revision}
            actions={
              <Actions
                change={change}
                newest={changes.find((other) => other.application === change.application) === change}
              />
            }
          />
        ))}
      </ol>
      {hasNextPage && (
        <div className={classes.foot}>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older changes
          </Button>
        </div>
      )}
    </>
  );
}

function Actions({ change, newest }: { change: ChangeView; newest: boolean }) {
  const { environment } = useEnvironment();
  const { mayChange } = useRights();
  const [, setQuery] = useSearchParams();
  const [open, setOpen] = useState(false);
  const [parent] = change.parents ?? [];
  const look = { variant: 'subtle', color: 'gray', size: 'compact-sm', fw: 500 } as const;
  return (
    <>
      {parent && (
        <Button
          {...look}
          component={Link}
          to={`/environments/${environment}/applications/${change.application}/history?compare=${parent}..${change.revision}`}
          leftSection={<IconFileDiff size={15} />}
        >
          What changed
        </Button>
      )}
      {change.planId !== undefined && (
        <Button {...look} leftSection={<IconClipboardList size={15} />} onClick={() => setOpen(true)}>
          Plan
        </Button>
      )}
      {newest && mayUndo(change) && mayChange(environment) && (
        <Button
          {...look}
          leftSection={<IconArrowBackUp size={15} />}
          onClick={() => setQuery({ undo: change.planId ?? '' }, { preventScrollReset: true })}
        >
          Undo
        </Button>
      )}
      {open && (
        <PlanDrawer
          environment={environment}
          application={change.application}
          revision={change.revision}
          close={() => setOpen(false)}
        />
      )}
    </>
  );
}
