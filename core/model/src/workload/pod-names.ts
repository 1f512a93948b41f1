import { createHash } from 'node:crypto';
import { ordinalOf } from './rollout.ts';

const longest = 63;

/**
 * Name of a Pod at the engine, unique in its Environment: `<application>--<pod>` (no Application name holds two hyphens in a row),
 * or a hash instead of the Pod's name where that would be longer than 63 characters.
 */
export function enginePodName(application: string, pod: string): string {
  const full = `${application}--${pod}`;
  if (full.length <= longest && !pod.includes('.')) return full;
  return `${application}--x-${createHash('sha256').update(pod).digest('hex').slice(0, 16)}`;
}

/** Inverse of `enginePodName`, for a Pod of a known owner. */
export function podNameOf(pod: {
  readonly application: string;
  readonly pod: string;
  readonly owner: { readonly kind: string; readonly name: string };
}): string {
  const { application, owner } = pod;
  const rest = pod.pod.startsWith(`${application}--`) ? pod.pod.slice(application.length + 2) : pod.pod;
  if (owner.kind === 'Pod') return owner.name;
  if (owner.kind !== 'StatefulSet' || ordinalOf(owner.name, rest) !== undefined) return rest;
  for (let index = 0; index < 100; index += 1) {
    const name = `${owner.name}-${index}`;
    if (enginePodName(application, name) === pod.pod) return name;
  }
  return rest;
}

/** A name for a Pod of a Deployment or Job: `<owner>-<hash>-<suffix>`, the owner cut so that the engine's name fits. */
export function newPodName(application: string, owner: string, hash: string, suffix: string): string {
  const tail = `-${hash.slice(0, 6)}-${suffix}`;
  const room = longest - application.length - 2 - tail.length;
  const head = owner.replaceAll('.', '-').slice(0, Math.max(room, 1));
  return `${head.replace(/-+$/, '') || 'p'}${tail}`;
}
