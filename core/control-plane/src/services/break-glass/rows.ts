import type { BreakGlassView } from '@catalyst/model/api/break-glass.ts';
import type { BreakGlassChanged } from '@catalyst/model/events/cloud-event.ts';
import { whyBreakGlassEnded } from '@catalyst/model/policy/break-glass.ts';
import type { Table, TableDefinition } from '../../ports/database.ts';
import type { BrokenGlass } from './break-glass.ts';

/** It as it is kept; the fields beside it are those that it is found by, and what is known of the time that passed. */
export interface BreakGlassRow {
  readonly id: string;
  readonly organization: string;
  readonly environment: string;
  /** `<environment>/<user>` */
  readonly person: string;
  readonly open: boolean;
  /** Milliseconds since 1970: the latest that the clock was seen to show while it was open. */
  readonly seenMs: number;
  readonly waitedMs: number;
  readonly glass: BrokenGlass;
}

/** Every time that somebody broke the glass. */
export const breakGlassTable: TableDefinition<BreakGlassRow> = {
  name: 'break_glass',
  key: 'id',
  indexes: ['organization', 'environment', 'person', 'open'],
};

const most = 10_000;
const pruned = 100;

/** Keeps the newest; what is open stays. */
export async function pruneBreakGlass(rows: Table<BreakGlassRow>, organization: string): Promise<void> {
  if ((await rows.count({ organization })) <= most) return;
  const oldest = await rows.list({ where: { organization }, orderBy: 'id', limit: pruned });
  for (const { id, open } of oldest) if (!open) await rows.delete(id);
}

/** Why it is over by itself; undefined: it is open, or was ended already. */
export function whyEndedNow({ open, seenMs, waitedMs, glass }: BreakGlassRow, nowMs: number) {
  if (!open) return undefined;
  const time = {
    untilMs: Date.parse(glass.until),
    seenMs,
    waitedMs,
    lengthMs: glass.minutes * 60_000,
  };
  return whyBreakGlassEnded(time, nowMs);
}

/** What others are told. */
export function toBreakGlassChanged(glass: BrokenGlass): BreakGlassChanged {
  const { organization, environment, id, by, reason, until, ended } = glass;
  return {
    organization,
    environment,
    id,
    change: ended ? 'closed' : 'opened',
    by: { ...by },
    reason,
    until,
    ...(ended ? { ended: ended.how } : {}),
    ...(ended?.by ? { endedBy: { ...ended.by } } : {}),
  };
}

/** As the API shows it. */
export function toBreakGlassView(glass: BrokenGlass): BreakGlassView {
  const { organization: _of, by, ended, ...rest } = glass;
  return {
    ...rest,
    by: { ...by },
    open: !ended,
    ...(ended
      ? { ended: { at: ended.at, how: ended.how, ...(ended.by ? { by: { ...ended.by } } : {}) } }
      : {}),
  };
}
