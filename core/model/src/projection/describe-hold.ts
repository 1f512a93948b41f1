import type { Hold } from '../resources/application.ts';

/** One sentence: who holds an Application, since when, and why. Times are UTC. */
export function describeHold({ reason, by, at }: Hold): string {
  const who = by === undefined ? '' : ` by ${by}`;
  const since = at === undefined ? '' : ` since ${at.slice(0, 16).replace('T', ' ')} UTC`;
  return `Held${who}${since}: ${reason}`;
}
