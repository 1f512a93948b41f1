import {
  type BranchContext,
  checkBranch,
  isInstalled,
  type Provider,
} from '@catalyst/model/application-repository/check-branch.ts';
import { basePaths, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { codeownersPath } from '@catalyst/model/application-repository/write-files.ts';
import { validateConfig } from '@catalyst/model/config/config-schema.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import { type EnvType, environmentName, envTypeOfBranch } from '@catalyst/model/names.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';
import semver from 'semver';
import type { GitOps } from '../../ports/gitops.ts';
import type { ProposedUpdate, Repositories, RepositoryName, UpdateFacts } from '../../ports/repositories.ts';
import { boundApplications } from '../application-controller/bound-applications.ts';
import type { Installations } from '../application-controller/installations.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Organizations } from '../organization-controller/organizations.ts';
import { isFirstCommit, noRevision, readTree, type Tree } from './proposed-tree.ts';
import { type BranchScope, changedPaths, createProtection, type ProtectionDeps } from './protection.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** What the judgement of Application repositories needs to know. */
export interface ApplicationJudgeDeps {
  readonly catalog: Catalog;
  /** Deferred: the repositories ask this judge. */
  readonly repositories: () => Repositories;
  readonly organizations: Pick<Organizations, 'environment'>;
  /** Whether the Environment, or its whole Organization, is being deleted. */
  readonly isBeingDeleted: (organization: string, environment: string) => Promise<boolean>;
  readonly installations: Installations;
  readonly gitops: () => GitOps;
  /** Whether the pusher may change this Environment; a developer may be limited to some. */
  readonly mayWrite: (
    pusher: ProposedUpdate['pusher'],
    scope: { readonly organization: string; readonly environment: string },
  ) => Promise<boolean>;
  /** Domain under which Applications get their hosts, as `localhost`. */
  readonly domain: string;
  readonly urlOf: (host: string) => string;
  readonly protection: Omit<ProtectionDeps, 'repositories'>;
}

/** Judges, and looks at what is not yet asked for. */
export interface ApplicationJudge {
  judge(update: ProposedUpdate): Promise<Result<UpdateFacts>>;
  /** What an update of an environment branch would be found to hold, whoever may make it and whatever protects the branch. */
  examine(update: ProposedUpdate): Promise<Result<UpdateFacts>>;
}

/** Any branch that belongs to no Environment is its pushers' own, but for those that Catalyst makes. */
function checkOwnBranch(update: ProposedUpdate): Result<UpdateFacts> {
  return update.ref.startsWith('refs/heads/proposals/') && update.pusher.surface === 'git'
    ? refused({
        code: codes.Denied,
        field: update.ref.slice('refs/heads/'.length),
        message: 'Branches below proposals/ are made by Catalyst. Choose another name.',
      })
    : ok({});
}

/** Whoever answers for a repository still does when its Environment is made again. */
async function keepsOwners(
  repositories: Pick<Repositories, 'files'>,
  update: ProposedUpdate,
): Promise<boolean> {
  const before = noRevision.test(update.oldRevision)
    ? []
    : await repositories.files(update.repository, update.oldRevision);
  return !changedPaths(before, await update.files()).includes(codeownersPath);
}

/** Judges branches of `<organization>/<application>` repositories. */
export function createApplicationJudge(deps: ApplicationJudgeDeps): ApplicationJudge {
  const viewer = (organization: string) => ({ organizations: [organization] });
  const findObjections = createProtection({ ...deps.protection, repositories: deps.repositories });

  /** Read from Git and not from the read model: what is committed is checked against the truth. */
  async function loadProvider(repository: RepositoryName, branch: string): Promise<Provider | undefined> {
    if (!(await deps.repositories().exists(repository))) return undefined;
    const head = await deps.repositories().head(repository, branch);
    const content =
      head === undefined
        ? undefined
        : await deps.repositories().read(repository, head, basePaths.application);
    const parsed =
      content === undefined ? undefined : parseYamlObject(decoder.decode(content), basePaths.application);
    if (!parsed?.ok) return undefined;
    const { blueprint } = (parsed.value.spec ?? {}) as { blueprint?: { name: string; version: string } };
    if (!blueprint) return undefined;
    const found = deps.catalog.find(blueprint.name, blueprint.version, viewer(repository.organization));
    const provides = found?.blueprint.spec.provides;
    return {
      blueprint: blueprint.name,
      version: blueprint.version,
      ...(provides ? { service: provides.service, port: provides.port } : {}),
    };
  }

  async function loadProviders(
    update: ProposedUpdate,
    branch: string,
    overlay: string | undefined,
  ): Promise<Map<string, Provider>> {
    const providers = new Map<string, Provider>();
    const parsed = overlay === undefined ? undefined : parseYamlObject(overlay, 'overlay');
    const { bindings } = (parsed?.ok ? (parsed.value.spec ?? {}) : {}) as {
      bindings?: { application?: unknown }[];
    };
    for (const binding of Array.isArray(bindings) ? bindings.slice(0, 50) : []) {
      const name = binding?.application;
      if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{1,39}$/.test(name)) continue;
      const provider = await loadProvider({ organization: update.repository.organization, name }, branch);
      if (provider) providers.set(name, provider);
    }
    return providers;
  }

  async function checkUninstall(update: ProposedUpdate, environment: string): Promise<Result<UpdateFacts>> {
    const { organization, name } = update.repository;
    const scope = { organization, environment, branch: update.ref.slice('refs/heads/'.length) };
    const users = await boundApplications(
      { installations: deps.installations, repositories: deps.repositories() },
      scope,
      name,
    );
    if (users.length > 0)
      return refused({
        code: 'InUse',
        message: `"${name}" cannot be uninstalled from ${environment}: ${users.join(', ')} ${users.length === 1 ? 'is' : 'are'} bound to it. Uninstall or rebind first.`,
      });
    return ok({ environment, declaration: null });
  }

  async function checkHosts(
    update: ProposedUpdate,
    environment: string,
    hosts: readonly string[],
  ): Promise<Problem[]> {
    const others = (await deps.installations.list({ environment })).filter(
      (entry) => entry.application !== update.repository.name,
    );
    return hosts
      .filter(
        (host) =>
          others.some((entry) => entry.declaration.hosts.includes(host)) ||
          others.some((entry) => host === `${entry.application}.${environment}.${deps.domain}`),
      )
      .map((host) => ({
        code: 'HostTaken',
        field: 'spec.hosts',
        message: `The host "${host}" belongs to another Application of ${environment}.`,
      }));
  }

  async function judgeInstalled(
    update: ProposedUpdate,
    envType: EnvType,
    environment: string,
    tree: Tree,
  ): Promise<Result<UpdateFacts>> {
    const { organization, name: application } = update.repository;
    const overlayPath = overlayPaths(envType);
    const providers = await loadProviders(
      update,
      update.ref.slice('refs/heads/'.length),
      tree.texts[overlayPath.application],
    );
    const context: BranchContext = {
      organization,
      application,
      envType,
      environment,
      hostSuffix: `.${environment}.${deps.domain}`,
      blueprint: (name, version) => deps.catalog.find(name, version, viewer(organization)),
      provider: (name) => providers.get(name),
      satisfies: (version, range) => semver.satisfies(version, range),
      urlOf: deps.urlOf,
    };
    const checked = checkBranch(tree.texts, context);
    if (!checked.ok) return checked;
    const { declaration, baseValues, overlayValues } = checked.value;
    const version = deps.catalog.find(
      declaration.blueprint.name,
      declaration.blueprint.version,
      viewer(organization),
    );
    if (!version)
      return refused({ code: 'UnknownVersion', message: 'The Blueprint is gone from the catalog.' });
    const { configSchema } = version.blueprint.spec;
    const config = mergeValues(applyDefaults(configSchema), baseValues, overlayValues);
    const problems: Problem[] = validateConfig(configSchema, config).map((problem) => ({
      ...problem,
      file: Object.hasOwn(overlayValues, problem.field?.split(/[.[/]/).find(Boolean) ?? '')
        ? overlayPath.values
        : basePaths.values,
    }));
    problems.push(...(await checkHosts(update, environment, declaration.hosts)));
    if (problems.length > 0) return refused(...problems);
    const target = {
      organization,
      environment,
      application,
      branch: update.ref.slice('refs/heads/'.length),
      declaration,
    };
    const preview = await deps.gitops().preview(target, tree.bytes);
    if (!preview.ok) return preview;
    // Asked last: a deletion that begins after this answer waits for the change that it allows.
    if (await deps.isBeingDeleted(organization, environment))
      return refused({
        code: 'BeingDeleted',
        message: `Nothing can be installed or changed in ${environment}: it is being deleted.`,
      });
    return ok({ environment, declaration });
  }

  async function judgeContent(
    update: ProposedUpdate,
    { branch, envType, environment }: BranchScope,
    tree: Tree,
  ): Promise<Result<UpdateFacts>> {
    const exists = (await deps.organizations.environment(environment)) !== undefined;
    if (!isInstalled(tree.texts)) return exists ? checkUninstall(update, environment) : ok({});
    if (!exists)
      return refused({
        code: 'EnvironmentMissing',
        message: `Nothing can be installed on the branch "${branch}": the Environment ${environment} does not exist. An org-admin can create it.`,
      });
    return judgeInstalled(update, envType, environment, tree);
  }

  return {
    async judge(update) {
      const branch = update.ref.startsWith('refs/heads/')
        ? update.ref.slice('refs/heads/'.length)
        : undefined;
      const envType = branch === undefined ? undefined : envTypeOfBranch(branch);
      if (noRevision.test(update.newRevision)) return ok({});
      const tree = await readTree(update);
      if (!tree.ok) return tree;
      if (branch === undefined || envType === undefined) return checkOwnBranch(update);
      const environment = environmentName(update.repository.organization, envType);
      if (await isFirstCommit(update)) return ok({});
      if (
        !(await deps.mayWrite(update.pusher, { organization: update.repository.organization, environment }))
      )
        return refused({
          code: codes.Denied,
          field: branch,
          message: `Changing ${environment} needs the role org-developer for it. Ask an org-admin of ${update.repository.organization}.`,
        });
      const installed = isInstalled(tree.value.texts);
      // What is being deleted is uninstalled whatever protects it.
      const going =
        !installed &&
        (await deps.isBeingDeleted(update.repository.organization, environment)) &&
        (await keepsOwners(deps.repositories(), update));
      const objections = going ? [] : await findObjections(update, { branch, envType, environment });
      if (objections.length > 0) return refused(...objections);
      return judgeContent(update, { branch, envType, environment }, tree.value);
    },

    async examine(update) {
      const branch = update.ref.slice('refs/heads/'.length);
      const envType = envTypeOfBranch(branch);
      const tree = await readTree(update);
      if (!tree.ok || envType === undefined) return tree.ok ? ok({}) : tree;
      const environment = environmentName(update.repository.organization, envType);
      return judgeContent(update, { branch, envType, environment }, tree.value);
    },
  };
}
