import { stringify } from 'yaml';
import { checkOrganizationSlug, environmentName } from '../names.ts';
import { type Policy, parsePolicyFile } from '../policy/policy.ts';
import { ok, type Problem, type Result, refused } from '../problem.ts';
import { checkSchema } from '../schema/check-schema.ts';
import { parseYamlObject } from '../yaml/parse-yaml.ts';
import { policyPath } from './environment-policy.ts';
import { Environment, Organization } from './organization.ts';

/** What `system/catalyst-config` says. */
export interface ConfigTree {
  readonly organizations: readonly Organization[];
  readonly environments: readonly Environment[];
  readonly policies: readonly Policy[];
}

/** Path of an Organization's file. */
export function organizationPath(name: string): string {
  return `organizations/${name}.yaml`;
}

/** Path of an Environment's file. */
export function environmentPath(name: string): string {
  return `environments/${name}.yaml`;
}

/** The file of an Organization or Environment, as Catalyst writes it. */
export function toConfigFile(resource: Organization | Environment): string {
  return stringify(resource, { lineWidth: 0 });
}

const kinds = {
  organizations: Organization,
  environments: Environment,
} as const;

function parseFile<T extends Organization | Environment>(
  folder: keyof typeof kinds,
  path: string,
  text: string,
): Result<T> {
  const parsed = parseYamlObject(text, path);
  if (!parsed.ok) return refused(...parsed.problems.map((problem) => ({ ...problem, code: 'InvalidFile' })));
  const problems = checkSchema(kinds[folder], parsed.value, path);
  if (problems.length > 0) return refused(...problems);
  // What the schema just accepted is what its type says; the type checker cannot see that through `T`.
  const resource = parsed.value as unknown as T;
  return path === `${folder}/${resource.metadata.name}.yaml`
    ? ok(resource)
    : refused({
        code: 'InvalidName',
        file: path,
        field: 'metadata.name',
        message: `The name must be that of the file, and the file must lie directly in ${folder}/.`,
      });
}

function checkEnvironment(
  environment: Environment,
  organizations: ReadonlyMap<string, Organization>,
): Problem[] {
  const { name } = environment.metadata;
  const { organization, envType } = environment.spec;
  const file = environmentPath(name);
  if (name !== environmentName(organization, envType))
    return [
      {
        code: 'InvalidName',
        file,
        field: 'metadata.name',
        message: `The Environment ${envType} of ${organization} is named "${environmentName(organization, envType)}".`,
      },
    ];
  if (!organizations.has(organization))
    return [
      {
        code: 'UnknownOrganization',
        file,
        field: 'spec.organization',
        message: `There is no Organization "${organization}".`,
      },
    ];
  return [];
}

/** Parses one file by itself; whether the Organization of an Environment exists is not looked at. */
export function parseConfigFile(path: string, text: string): Result<Organization | Environment> {
  return path.startsWith('organizations/')
    ? parseFile<Organization>('organizations', path, text)
    : parseFile<Environment>('environments', path, text);
}

/** Parses the whole repository; what is wrong is said by file and field. A README is welcome. */
export function parseConfigTree(files: Readonly<Record<string, string>>): Result<ConfigTree> {
  const organizations = new Map<string, Organization>();
  const environments = new Map<string, Environment>();
  const policies: Policy[] = [];
  const problems: Problem[] = [];
  for (const [path, text] of Object.entries(files)) {
    if (path === 'README.md') continue;
    if (!/^(?:organizations|environments|policies)\/[^/]+\.yaml$/.test(path))
      problems.push({
        code: 'UnknownFile',
        file: path,
        message:
          'Only organizations/<name>.yaml, environments/<name>.yaml and policies/<environment>-policy.yaml are read here.',
      });
    else if (path.startsWith('policies/')) {
      const parsed = parsePolicyFile(path, text);
      if (parsed.ok) policies.push(parsed.value);
      else problems.push(...parsed.problems);
    } else if (path.startsWith('organizations/')) {
      const parsed = parseFile<Organization>('organizations', path, text);
      const named = parsed.ok ? checkOrganizationSlug(parsed.value.metadata.name) : parsed;
      if (!named.ok) problems.push(...named.problems.map((problem) => ({ ...problem, file: path })));
      else if (parsed.ok) organizations.set(parsed.value.metadata.name, parsed.value);
    } else {
      const parsed = parseFile<Environment>('environments', path, text);
      if (parsed.ok) environments.set(parsed.value.metadata.name, parsed.value);
      else problems.push(...parsed.problems);
    }
  }
  for (const environment of environments.values())
    problems.push(...checkEnvironment(environment, organizations));
  for (const { environment } of policies)
    if (!environments.has(environment))
      problems.push({
        code: 'UnknownEnvironment',
        file: policyPath(environment),
        field: 'spec.appliesTo.environments',
        message: `There is no Environment "${environment}". Its policy goes with it.`,
      });
  return problems.length > 0
    ? refused(...problems)
    : ok({ organizations: [...organizations.values()], environments: [...environments.values()], policies });
}

/** Everything that is wrong with the files of `system/catalyst-config`; empty when they may be accepted. */
export function checkConfigTree(files: Readonly<Record<string, string>>): readonly Problem[] {
  const tree = parseConfigTree(files);
  return tree.ok ? [] : tree.problems;
}
