/** The repository that holds Organizations and Environments. */
export const configRepository = { organization: 'system', name: 'catalyst-config' } as const;
/** Its one branch. */
export const configBranch = 'main';
