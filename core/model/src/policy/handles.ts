import type { OwnerHandle } from '../codeowners/codeowners.ts';
import { applicationNamePattern } from '../names.ts';

const bareTeam = new RegExp(applicationNamePattern);

/** A handle with its Organization: `security` is `@acme/security` there; everything else stays. */
export function inFull(name: string, organization: string): OwnerHandle {
  return bareTeam.test(name) ? `@${organization}/${name}` : name;
}
