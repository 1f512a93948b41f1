import type { Problem } from '@catalyst/model/problem.ts';
import type { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api } from '../api/api.ts';
import { problemsOf, statusOf } from '../api/client.ts';

/** Planning writes nothing, so it can be asked again where a connection broke. */
export function retryPlan(failures: number, error: unknown): boolean {
  return failures < 2 && (statusOf(error) === 0 || statusOf(error) >= 502);
}

/** Plans a change; begins with `given`, a plan that somebody made already. `plan` may carry problems that forbid it; `problems` are those, or why there is no plan. */
export function usePlan(
  environment: string,
  given?: Plan,
): {
  readonly plan: Plan | undefined;
  readonly problems: readonly Problem[];
  readonly pending: boolean;
  readonly make: (request: PlanRequest) => void;
  readonly reset: () => void;
} {
  const { mutate, reset, data, error, isPending } = useMutation({
    mutationFn: (request: PlanRequest) => api.plan(environment, request),
    retry: retryPlan,
  });
  const problems = useMemo(
    () => (error ? problemsOf(error) : ((data ?? given)?.problems ?? [])),
    [error, data, given],
  );
  return {
    plan: data ?? given,
    problems,
    pending: isPending,
    make: useCallback((request: PlanRequest) => mutate(request), [mutate]),
    reset,
  };
}
