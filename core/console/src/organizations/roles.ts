import type { Role } from '@catalyst/model/api/identity.ts';

/** The roles inside an Organization, with what each may do. */
export const roles: readonly { value: Role; title: string; explanation: string }[] = [
  {
    value: 'org-admin',
    title: 'Administrator',
    explanation: 'Everything in this Organization, members and Environments included.',
  },
  {
    value: 'org-developer',
    title: 'Developer',
    explanation: 'Installs and changes Applications, in all Environments or in some.',
  },
  { value: 'org-viewer', title: 'Viewer', explanation: 'Sees everything and changes nothing.' },
];

/** `Developer` for `org-developer`. */
export function titleOfRole(role: string): string {
  return roles.find((entry) => entry.value === role)?.title ?? role;
}
