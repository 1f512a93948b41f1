import type { EnvType } from '@catalyst/model/names.ts';

/** The Environment types as people meet them, in the order in which software travels. */
export const environmentTypes: readonly { type: EnvType; title: string; explanation: string }[] = [
  { type: 'dev', title: 'Development', explanation: 'Try changes here first. Breaking it hurts nobody.' },
  { type: 'stg', title: 'Staging', explanation: 'The rehearsal: as in production, before production.' },
  { type: 'uat', title: 'Acceptance', explanation: 'Where the people who ordered it try it out.' },
  { type: 'prod', title: 'Production', explanation: 'What your users use.' },
  { type: 'poc', title: 'Proof of concept', explanation: 'For experiments that may come to nothing.' },
];

/** One sentence about an Environment type. */
export function explanationOf(type: EnvType | undefined): string {
  return environmentTypes.find((entry) => entry.type === type)?.explanation ?? '';
}

/** The word for an Environment type: `Production` for `prod`. */
export function titleOfType(type: string): string {
  return environmentTypes.find((entry) => entry.type === type)?.title ?? type;
}
