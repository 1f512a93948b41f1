import type { ChangeView } from '@catalyst/model/api/history.ts';
import { Button, Text } from '@mantine/core';
import { IconArrowBackUp, IconClipboardList, IconFileDiff, IconGitCommit } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { queries } from '../api/use-api.ts';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { ChangeRow } from '../history/ChangeRow.tsx';
import { CompareDialog } from '../history/CompareDialog.tsx';
import classes from '../history/History.module.css';
import { choose, mayUndo, orderPair, parseComparison } from '../history/outcome-looks.ts';
import { PlanDrawer } from '../history/PlanDrawer.tsx';
import { useRefetchOn } from '../history/use-refetch-on.ts';
import { undoPath } from '../plans/offer-undo.tsx';
import { useRights } from '../session/use-rights.ts';
import { useApplication } from './ApplicationPage.tsx';
import { GoBackButton, type WayBack } from './GoBackButton.tsx';
import { RestoreSettingsDialog } from './RestoreSettingsDialog.tsx';
import { RollBackDialog } from './RollBackDialog.tsx';

/** Every change of the Application in this Environment: who, what, why, when, how, and what became of it. */
export function Component() {
  const { environment, view, detail } = useApplication();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    queries.history(environment, view.name),
  );
  const [chosen, setChosen] = useState<readonly string[]>([]);
  // A change settles without another commit.
  useRefetchOn(`${view.state} ${view.appliedRevision ?? ''}`, refetch);
  if (error && !data) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data) return <BlockSkeleton rows={4} height={64} />;
  const changes = data.pages.flatMap((page) => page.items);
  if (changes.length === 0)
    return (
      <EmptyState
        icon={<IconGitCommit size={26} />}
        title="No commits"
        message="The branch of this Environment has none."
      />
    );
  return (
    <>
      <Text size="sm" c="dimmed" mb="md">
        Commits on the branch <span className="mono">{detail.repository.branch}</span>, newest first.
      </Text>
      <ol className={classes.list}>
        {changes.map((change, index) => (
          <ChangeRow
            key={change.revision}
            change={change}
            current={change.revision === view.appliedRevision}
            chosen={chosen.includes(change.revision)}
            choose={() => setChosen(choose(chosen, change.revision))}
            actions={<RowActions change={change} newest={index === 0} />}
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
      <Comparing chosen={chosen} changes={changes} clear={() => setChosen([])} />
    </>
  );
}

const quiet = { variant: 'subtle', color: 'gray', size: 'compact-sm', fw: 500 } as const;

function RowActions({ change, newest }: { change: ChangeView; newest: boolean }) {
  const { environment, view } = useApplication();
  const { mayChange } = useRights();
  const [, setQuery] = useSearchParams();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'plan' | WayBack>();
  const close = () => setOpen(undefined);
  const [parent] = change.parents ?? [];
  const may = mayChange(environment);
  // What the server says of a change names where it happened; what it does not say is where the page is.
  const whole = { ...change, environment, application: view.name };
  return (
    <>
      {parent && (
        <Button
          {...quiet}
          leftSection={<IconFileDiff size={15} />}
          onClick={() => setQuery({ compare: `${parent}..${change.revision}` }, { preventScrollReset: true })}
        >
          What changed
        </Button>
      )}
      {change.planId !== undefined && (
        <Button {...quiet} leftSection={<IconClipboardList size={15} />} onClick={() => setOpen('plan')}>
          Plan
        </Button>
      )}
      {may && newest && mayUndo(change) && (
        <Button
          {...quiet}
          leftSection={<IconArrowBackUp size={15} />}
          onClick={() => void navigate(undoPath(environment, change.planId ?? ''))}
        >
          Undo
        </Button>
      )}
      {may && !newest && change.rollback && <GoBackButton change={whole} open={setOpen} />}
      {open === 'plan' && <PlanDrawer {...whole} close={close} />}
      {open === 'rollback' && <RollBackDialog change={whole} close={close} />}
      {open === 'settings' && <RestoreSettingsDialog change={whole} close={close} />}
    </>
  );
}

function Comparing(props: { chosen: readonly string[]; changes: readonly ChangeView[]; clear: () => void }) {
  const { environment, view } = useApplication();
  const [query, setQuery] = useSearchParams();
  const shown = parseComparison(query.get('compare'));
  const pair = orderPair(
    props.chosen,
    props.changes.map((change) => change.revision),
  );
  return (
    <>
      {props.chosen.length > 0 && (
        <section className={classes.compareBar} aria-label="Compare">
          <span role="status">
            {pair ? (
              <>
                <code>{pair.from.slice(0, 10)}</code> and <code>{pair.to.slice(0, 10)}</code>
              </>
            ) : (
              'Choose a second revision to compare with.'
            )}
          </span>
          <span>
            <Button variant="subtle" size="xs" onClick={props.clear}>
              Clear
            </Button>{' '}
            <Button
              size="xs"
              disabled={!pair}
              onClick={() =>
                pair && setQuery({ compare: `${pair.from}..${pair.to}` }, { preventScrollReset: true })
              }
            >
              Compare
            </Button>
          </span>
        </section>
      )}
      {shown && (
        <CompareDialog
          environment={environment}
          application={view.name}
          from={shown.from}
          to={shown.to}
          close={() => setQuery({}, { preventScrollReset: true })}
        />
      )}
    </>
  );
}
