import type { Plan, PlannedApplication } from '@catalyst/model/views/plan.ts';
import { ProblemError } from '../api/client.ts';

type Severity = NonNullable<PlannedApplication['dataRisks']>[number]['severity'];

/** The data that a plan puts at risk, with the Application that has it; the gravest first. */
export function risksOf(plan: Pick<Plan, 'applications'>) {
  const order: readonly Severity[] = ['loss', 'warning', 'notice'];
  return plan.applications
    .flatMap((part) => (part.dataRisks ?? []).map((risk) => ({ ...risk, application: part.application })))
    .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

/** Whether data is lost for good. */
export function losesData(plan: Pick<Plan, 'applications'>): boolean {
  return risksOf(plan).some((risk) => risk.severity === 'loss');
}

/** Whether a plan would do anything at all. */
export function doesNothing(plan: Plan): boolean {
  return (
    plan.consequences.length === 0 &&
    plan.applications.every((part) => part.files.length === 0 && part.objects.length === 0)
  );
}

/** How an accepted plan gets there: at once, or by a pull request because its policy does not allow it directly. */
export function deliveryOf(plan: Pick<Plan, 'policy'>): 'apply' | 'propose' {
  return plan.policy && !plan.policy.allowed ? 'propose' : 'apply';
}

/** A plan that was overtaken: what it was made from has moved, or it has expired. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof ProblemError && ['Stale', 'Conflict', 'NotFound'].includes(error.code);
}

/** Only a pull request changes what the plan is about. */
export function isProtected(error: unknown): boolean {
  return error instanceof ProblemError && error.code === 'Protected';
}

/** The sentences of some problems, without those that another one says as well. */
export function distinctMessages(problems: readonly { readonly message: string }[]): string[] {
  const messages = [...new Set(problems.map((problem) => problem.message))];
  return messages.filter(
    (message) => !messages.some((other) => other !== message && other.includes(message.replace(/\.$/, ''))),
  );
}

const titles: Readonly<Record<string, string>> = {
  install: 'Install',
  configure: 'Change',
  restart: 'Restart',
  uninstall: 'Uninstall',
  rebind: 'Rebind',
  rollback: 'Roll back',
  hold: 'Hold',
  release: 'Release',
  promote: 'Promote',
  undo: 'Undo the change of',
};

/** What a pull request of this plan is called unless somebody says otherwise. */
export function titleOfPlan(plan: Plan): string {
  const touched = plan.applications.filter((part) => part.change !== 'use').map((part) => part.application);
  const last = plan.action === 'install' ? touched.at(-1) : touched[0];
  const more = touched.length > 1 ? ` and ${touched.length - 1} more` : '';
  return `${titles[plan.action] ?? 'Change'} ${last ?? plan.environment}${more}`;
}
