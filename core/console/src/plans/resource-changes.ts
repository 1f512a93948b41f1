import type { Plan, PlannedApplication, Resources } from '@catalyst/model/views/plan.ts';
import { formatBytes, formatCpu } from './quantities.ts';

/** One quantity before and after a change, as people read it. */
export interface ResourceChange {
  readonly name: string;
  /** Absent where there was none. */
  readonly before?: string;
  readonly after: string;
  /** `+0.25 CPU`; absent where it stays the same or there was none. */
  readonly delta?: string;
  readonly grows: boolean;
}

const none: Resources = { cpuMillis: 0, memoryBytes: 0, storageBytes: 0 };
const kinds = [
  { key: 'cpuMillis', name: 'Processor', format: formatCpu },
  { key: 'memoryBytes', name: 'Memory', format: formatBytes },
  { key: 'storageBytes', name: 'Storage', format: formatBytes },
] as const;

/** What changes in processor, memory and storage; quantities that are zero on both sides are left out. */
export function resourceChanges(before: Resources, after: Resources): ResourceChange[] {
  return kinds.flatMap(({ key, name, format }) => {
    const delta = after[key] - before[key];
    if (before[key] === 0 && after[key] === 0) return [];
    const sign = delta > 0 ? '+' : '−';
    return [
      {
        name,
        ...(before[key] === 0 ? {} : { before: format(before[key]) }),
        after: format(after[key]),
        ...(delta === 0 || before[key] === 0 ? {} : { delta: `${sign}${format(Math.abs(delta))}` }),
        grows: delta > 0,
      },
    ];
  });
}

/** Before and after of one Application. One that is used as it is changes nothing. */
export function resourcesOf(part: PlannedApplication): { before: Resources; after: Resources } {
  if (part.change === 'use') return { before: part.resources, after: part.resources };
  if (part.change === 'remove') return { before: part.resourcesBefore ?? part.resources, after: none };
  return {
    before: part.resourcesBefore ?? (part.change === 'create' ? none : part.resources),
    after: part.resources,
  };
}

/** Before and after of everything that a plan touches. */
export function resourcesOfPlan(plan: Pick<Plan, 'resources' | 'applications'>): {
  before: Resources;
  after: Resources;
} {
  if (plan.resources) return plan.resources;
  const parts = plan.applications.filter((part) => part.change !== 'use').map(resourcesOf);
  const sum = (side: 'before' | 'after') =>
    parts.reduce(
      (total, part) => ({
        cpuMillis: total.cpuMillis + part[side].cpuMillis,
        memoryBytes: total.memoryBytes + part[side].memoryBytes,
        storageBytes: total.storageBytes + part[side].storageBytes,
      }),
      none,
    );
  return { before: sum('before'), after: sum('after') };
}
