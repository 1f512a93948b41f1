import type { Problem } from '@catalyst/model/problem.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';

/** Why `base/` of a branch must stay as it is. */
export interface Hold {
  readonly reason: string;
  readonly by?: string;
  readonly at?: string;
}

/** Holds in an overlay's `application.yaml`; none where there is no such file. */
export function readHolds(content: Uint8Array | undefined, file: string): Hold[] {
  if (!content) return [];
  const parsed = parseYamlObject(new TextDecoder().decode(content), file);
  const { holds } = (parsed.ok ? (parsed.value.spec ?? {}) : {}) as { holds?: unknown };
  if (!Array.isArray(holds)) return [];
  return holds.flatMap((hold: Partial<Hold> | null) =>
    typeof hold?.reason === 'string'
      ? [
          {
            reason: hold.reason,
            ...(typeof hold.by === 'string' ? { by: hold.by } : {}),
            ...(typeof hold.at === 'string' ? { at: hold.at } : {}),
          },
        ]
      : [],
  );
}

/** The refusal: why, who, since when, and how it ends. */
export function heldProblem(hold: Hold, application: string, environment: string): Problem {
  const who = hold.by ? ` by ${hold.by}` : '';
  const since = hold.at ? ` since ${hold.at}` : '';
  return {
    code: 'Held',
    message: `"${application}" is held in ${environment}${who}${since}: ${hold.reason.replace(/[^.!?]$/, '$&.')} Nothing in base/ changes until the hold is released: release it with a reason on the page of the Application, or with a plan {"action":"release"}.`,
  };
}
