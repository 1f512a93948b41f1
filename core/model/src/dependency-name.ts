import { createHash } from 'node:crypto';

/** Name of a dedicated dependency: `{app}-{alias}`, cut to 40 characters with a short hash where it is longer. */
export function dedicatedDependencyName(application: string, alias: string): string {
  const full = `${application}-${alias}`;
  if (full.length <= 40) return full;
  const hash = createHash('sha256').update(full).digest('hex').slice(0, 6);
  return `${full.slice(0, 33).replace(/-+$/, '')}-${hash}`;
}
