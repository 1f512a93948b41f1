import { ok, type Result, refused } from './problem.ts';

/** Environment types in the default order of promotion (spec/decisions.md); `poc` promotes to `dev`. */
export const envTypes = ['poc', 'dev', 'stg', 'uat', 'prod'] as const;
/** One of the five environment types. There is no `dr`: recovery is a Placement. */
export type EnvType = (typeof envTypes)[number];

const branches: Record<EnvType, string> = {
  dev: 'develop',
  stg: 'staging',
  uat: 'uat',
  prod: 'main',
  poc: 'poc',
};

/** The long-lived branch of an Application repository that realises Environments of this type. */
export function branchOf(envType: EnvType): string {
  return branches[envType];
}

/** Inverse of `branchOf`; undefined for any other branch. */
export function envTypeOfBranch(branch: string): EnvType | undefined {
  return envTypes.find((envType) => branches[envType] === branch);
}

/** Branches that every Application repository has from its first commit. */
export const firstBranches = ['develop', 'staging', 'main'] as const;

/** `{org}-{env_type}`; an Environment has no other name. */
export function environmentName(organization: string, envType: EnvType): string {
  return `${organization}-${envType}`;
}

/** Inverse of `environmentName`; undefined where the text is no Environment name. */
export function parseEnvironmentName(name: string): { organization: string; envType: EnvType } | undefined {
  const at = name.lastIndexOf('-');
  const envType = envTypes.find((type) => type === name.slice(at + 1));
  const organization = name.slice(0, Math.max(at, 0));
  return envType && organizationPattern.test(organization) ? { organization, envType } : undefined;
}

const organizationPattern = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){2,31}$/;
const applicationPattern = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,39}$/;

/** Pattern of an Organization slug: 3 to 32, no double or trailing hyphen. */
export const organizationSlugPattern = organizationPattern.source;
/** Pattern of an Application name: the same shape, 2 to 40. */
export const applicationNamePattern = applicationPattern.source;

const reservedOrganizations = new Set(
  (
    'system flux crossplane catalyst gitea catalog catalog-sovereign oci aws gcp fsn nbg hel ash hil sin apse cnn las mer dxb fra iad syd ' +
    'rtz dmz mgt prod stg uat dev poc console www api admin auth'
  ).split(' '),
);
const reservedApplications = new Set([
  'default',
  'flux-system',
  'external-secrets',
  'shared-blueprints',
  'runbooks',
  // `<service>.<application>.svc` must not read as a Service of an Application.
  'svc',
]);

/** Checks an Organization slug against the rules and the reserved names of spec/naming.md and spec/decisions.md. */
export function checkOrganizationSlug(slug: string): Result<string> {
  if (!organizationPattern.test(slug))
    return refused({
      code: 'InvalidName',
      field: 'name',
      message:
        'An Organization name has 3 to 32 lower-case letters, digits and single hyphens, starts with a letter and does not end with a hyphen.',
    });
  if (reservedOrganizations.has(slug) || slug.startsWith('kube-') || parseEnvironmentName(slug))
    return refused({
      code: 'ReservedName',
      field: 'name',
      message: `The name "${slug}" is reserved. Choose another.`,
    });
  return ok(slug);
}

/** Checks an Application name; it becomes a namespace and a repository. */
export function checkApplicationName(name: string): Result<string> {
  if (!applicationPattern.test(name))
    return refused({
      code: 'InvalidName',
      field: 'application',
      message:
        'An Application name has 2 to 40 lower-case letters, digits and single hyphens, starts with a letter and does not end with a hyphen.',
    });
  if (reservedApplications.has(name) || name.startsWith('kube-'))
    return refused({
      code: 'ReservedName',
      field: 'application',
      message: `The name "${name}" is reserved. Choose another.`,
    });
  return ok(name);
}

/** Address of an Application: `{app}.{environment}.{domain}`. */
export function applicationHost(application: string, environment: string, domain: string): string {
  return `${application}.${environment}.${domain}`;
}
