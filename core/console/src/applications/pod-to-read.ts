import type { PodView } from '@catalyst/model/views/application-view.ts';

/**
 * The Pod whose log somebody wants who named none: one that keeps crashing, else the one that was started last; while a change
 * rolls out that is the new one, and not the one that is on its way out.
 */
export function podToRead(pods: readonly PodView[]): PodView | undefined {
  const staying = pods.filter((pod) => pod.phase !== 'Terminating');
  const crashing = staying.find((pod) => !pod.ready && pod.restarts > 0);
  if (crashing) return crashing;
  const started = staying.filter((pod) => pod.startedAt !== undefined);
  const newest = started.toSorted((a, b) => Date.parse(b.startedAt ?? '') - Date.parse(a.startedAt ?? ''))[0];
  return newest ?? staying[0] ?? pods[0];
}
