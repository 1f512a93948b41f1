import { Text } from '@mantine/core';
import classes from './StateBadge.module.css';
import { stateLooks, stateOrder } from './states.ts';

/** How many Applications are in each state, in few words. */
export function StateCounts({ counts }: { counts: Readonly<Record<string, number>> }) {
  const shown = stateOrder.filter((state) => (counts[state] ?? 0) > 0);
  if (shown.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No Applications
      </Text>
    );
  return (
    <div className={classes.counts}>
      {shown.map((state) => (
        <span key={state} className={classes.count} data-tone={stateLooks[state].tone}>
          <span aria-hidden="true">{stateLooks[state].glyph}</span> {counts[state]} {state.toLowerCase()}
        </span>
      ))}
    </div>
  );
}
