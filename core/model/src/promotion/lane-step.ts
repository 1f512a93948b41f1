import { listWords } from '../policy/approvals.ts';

/** What is known about the way between two neighbours of a lane. */
export interface StepFacts {
  readonly application: string;
  readonly from: string;
  readonly to: string;
  /** Whether the source has the Application. */
  readonly source: boolean;
  /** Whether the destination has it. */
  readonly destination: boolean;
  readonly commits: number;
  readonly fileCount: number;
  readonly own: readonly string[];
  readonly conflicts: readonly string[];
}

/** Whether a promotion would carry something now, and one sentence about it. */
export function describeStep(facts: StepFacts): { promotable: boolean; why: string } {
  const { application, from, to, source, destination, commits, fileCount, own, conflicts } = facts;
  if (!source)
    return {
      promotable: false,
      why: `${application} is not installed in ${from}, so there is nothing to promote from there.`,
    };
  const keeps =
    own.length > 0 ? ` ${to} has changes of its own that ${from} lacks (${listWords(own.slice(0, 5))}).` : '';
  if (conflicts.length > 0)
    return {
      promotable: true,
      why: `${listWords(conflicts.slice(0, 5))} changed in both: the promotion asks which of the two stays.${keeps}`,
    };
  if (fileCount === 0) return { promotable: false, why: `Everything of ${from} is in ${to}.${keeps}` };
  const files = fileCount === 1 ? '1 file' : `${fileCount} files`;
  if (!destination)
    return { promotable: true, why: `A promotion brings ${application} to ${to} for the first time.` };
  const ahead =
    commits === 0
      ? ''
      : commits === 1
        ? ' in 1 commit'
        : ` in ${commits >= 500 ? '500 or more' : commits} commits`;
  return { promotable: true, why: `A promotion changes ${files} of ${to}${ahead}.${keeps}` };
}
