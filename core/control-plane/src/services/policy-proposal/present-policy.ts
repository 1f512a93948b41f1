import { type Policy, parsePolicyFile } from '@catalyst/model/policy/policy.ts';
import { policyPath } from '@catalyst/model/resources/environment-policy.ts';
import type { Repositories } from '../../ports/repositories.ts';
import { configBranch, configRepository } from '../receiving/config-repository.ts';

/** The policy of an Environment as one head of `system/catalyst-config` has it. */
export interface PresentPolicy {
  readonly head: string;
  /** Its file; absent where there is no policy. */
  readonly file?: { readonly blob: string; readonly text: string };
  /** Absent also where the file cannot be read. */
  readonly policy?: Policy;
  /** Names of the Environments at that head. */
  readonly environments: ReadonlySet<string>;
}

/** Reads it. */
export async function readPresent(
  repositories: Pick<Repositories, 'head' | 'files' | 'read'>,
  environment: string,
): Promise<PresentPolicy> {
  const head = (await repositories.head(configRepository, configBranch)) ?? '';
  if (head === '') return { head, environments: new Set() };
  const files = await repositories.files(configRepository, head);
  const environments = new Set(
    files.flatMap(({ path }) => /^environments\/(.+)\.yaml$/.exec(path)?.[1] ?? []),
  );
  const path = policyPath(environment);
  const found = files.find((file) => file.path === path);
  if (!found) return { head, environments };
  const text = new TextDecoder().decode(await repositories.read(configRepository, head, path));
  const parsed = parsePolicyFile(path, text);
  return {
    head,
    file: { blob: found.blob, text },
    ...(parsed.ok ? { policy: parsed.value } : {}),
    environments,
  };
}
