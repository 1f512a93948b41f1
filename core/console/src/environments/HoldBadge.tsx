import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { Tooltip } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import classes from './StateBadge.module.css';

type Hold = NonNullable<ApplicationView['holds']>[number];

/** Says that an Application is held, and on hover or focus why. Nothing where it is not. */
export function HoldBadge({ holds }: { holds: readonly Hold[] | undefined }) {
  const [first] = holds ?? [];
  if (!first) return null;
  return (
    <Tooltip label={`${first.reason}${first.by ? ` (${first.by})` : ''}`} multiline maw={320}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its tooltip must be reachable by keyboard. */}
      <span className={classes.badge} data-tone="purple" tabIndex={0}>
        <IconLock size={13} aria-hidden="true" />
        <span>On hold</span>
      </span>
    </Tooltip>
  );
}
