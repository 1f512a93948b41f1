import type { Actor } from '@catalyst/model/authorization.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { PolicyFacts } from '@catalyst/model/policy/facts.ts';
import {
  describePolicy,
  evaluatePolicy,
  handlesOfPolicy,
  isProtected,
  type Policy,
  parsePolicy,
  parsePolicyFile,
} from '@catalyst/model/policy/policy.ts';
import { codes, ok, type Result, refused } from '@catalyst/model/problem.ts';
import { policyName, policyPath } from '@catalyst/model/resources/environment-policy.ts';
import type { PolicyVerdict } from '@catalyst/model/views/plan.ts';
import { stringify } from 'yaml';
import type { Clock } from '../../ports/clock.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { Teams } from '../access/teams.ts';
import { commitConfig } from '../organization-controller/config-repository.ts';
import { configBranch, configRepository } from '../receiving/config-repository.ts';
import { factsOfDirectChange } from '../receiving/direct-facts.ts';
import { needsReview } from '../receiving/policy-changes.ts';

/** Policies of Environments, as the head of `system/catalyst-config` has them: what was accepted there holds from that moment. */
export interface Policies {
  of(environment: string): Promise<Policy | undefined>;
  /** The same, with the head of `system/catalyst-config` that says so. */
  read(environment: string): Promise<HeldPolicy>;
  /** What the policy says of a change that would be made straight to the branch. */
  ofDirectChange(environment: string, actor?: PolicyFacts['actor']): Promise<PolicyVerdict>;
  /**
   * Commits the first policy of an Environment, of which it takes the `spec` without `appliesTo`: it only tightens, so it needs nobody
   * else. Codes: `ReviewNeeded` (there is one: its change is proposed), those of the judge of the repository.
   */
  put(actor: Actor, environment: string, spec: JsonObject | null, reason: string): Promise<Result<void>>;
  /** Names of the policies that name a team or a user. */
  usesOf(handle: string): Promise<string[]>;
}

/** A policy and where it was read. */
export interface HeldPolicy {
  readonly policy?: Policy;
  readonly configRevision?: string;
}

interface Known {
  readonly head: string;
  readonly byEnvironment: ReadonlyMap<string, Policy>;
  /** What each blob said, so that a moved head reads only what changed. */
  readonly byBlob: ReadonlyMap<string, Policy>;
}

/** Reads them from Git and keeps what the last head said. */
export function createPolicies(deps: {
  readonly repositories: () => Pick<Repositories, 'head' | 'files' | 'read' | 'commit' | 'exists'>;
  readonly clock: Clock;
  readonly people: Teams['people'];
}): Policies {
  let known: Known | undefined;

  async function read(head: string): Promise<Known> {
    const repositories = deps.repositories();
    const byEnvironment = new Map<string, Policy>();
    const byBlob = new Map<string, Policy>();
    for (const { path, blob } of await repositories.files(configRepository, head)) {
      if (!path.startsWith('policies/')) continue;
      const policy = known?.byBlob.get(blob) ?? (await parse(head, path));
      byEnvironment.set(policy.environment, policy);
      byBlob.set(blob, policy);
    }
    return { head, byEnvironment, byBlob };
  }

  async function parse(head: string, path: string): Promise<Policy> {
    const bytes = await deps.repositories().read(configRepository, head, path);
    const parsed = parsePolicyFile(path, new TextDecoder().decode(bytes));
    if (parsed.ok) return parsed.value;
    // The judge lets no such file in. One that got past it must not leave its Environment open.
    const environment = path.slice('policies/'.length).replace(/-policy\.yaml$/, '');
    const nobody = {
      kind: 'pr-required',
      approvers: ['nobody: the policy is not valid'],
      minApprovals: 1,
    } as const;
    return {
      name: policyName(environment),
      environment,
      rules: [{ ...nobody, approvers: [...nobody.approvers] }],
      rollback: 'free',
    };
  }

  async function current(): Promise<Pick<Known, 'byEnvironment'> & { readonly head?: string }> {
    const head = await deps.repositories().head(configRepository, configBranch);
    if (head === undefined) return { byEnvironment: new Map() };
    if (known?.head !== head) known = await read(head);
    return known;
  }

  return {
    of: async (environment) => (await current()).byEnvironment.get(environment),
    async read(environment) {
      const { byEnvironment, head } = await current();
      const policy = byEnvironment.get(environment);
      return { ...(policy ? { policy } : {}), ...(head === undefined ? {} : { configRevision: head }) };
    },
    async ofDirectChange(environment, actor) {
      const policy = (await current()).byEnvironment.get(environment);
      const facts = await factsOfDirectChange(deps, policy, actor);
      const { allowed, gates } = evaluatePolicy(policy, { environment, way: 'direct' }, facts);
      return { protected: isProtected(policy), allowed, gates: [...gates] };
    },
    async put(actor, environment, spec, reason) {
      const path = policyPath(environment);
      const repositories = deps.repositories();
      const headNow = async () => (await repositories.head(configRepository, configBranch)) ?? '';
      const written = spec === null ? undefined : writePolicy(environment, spec);
      if (written && !written.ok) return written;
      const message = `Protect ${environment}\n\n${reason}\n`;
      return commitConfig(repositories, actor, message, headNow, async () => {
        if ((await current()).byEnvironment.has(environment)) return refused(needsReview(environment));
        if (!written)
          return refused({ code: codes.NotFound, message: `${environment} has no policy to remove.` });
        return ok({ [path]: written.value });
      });
    },
    async usesOf(handle) {
      return [...(await current()).byEnvironment.values()]
        .filter((policy) => handlesOfPolicy(policy).includes(handle))
        .map(({ name }) => name);
    },
  };
}

/** The file that says a `spec`, once it has the right form. */
export function writePolicy(environment: string, spec: JsonObject): Result<string> {
  const file: JsonObject = {
    apiVersion: 'catalyst.openova.io/v1alpha1',
    kind: 'EnvironmentPolicy',
    metadata: { name: policyName(environment) },
    spec: { ...spec, appliesTo: { environments: [environment] } },
  };
  const parsed = parsePolicy(policyPath(environment), file);
  return parsed.ok ? ok(stringify(file, { lineWidth: 0 })) : parsed;
}

/** The part of a policy that people write. */
export function toSpec({ rules, rollback, automaticRollback }: Policy): Record<string, unknown> {
  return {
    rules: rules.map((rule) => ({ ...rule })),
    rollback,
    ...(automaticRollback ? { automaticRollback: { ...automaticRollback } } : {}),
  };
}

/** The policy as the API shows it. */
export function toPolicyView(environment: string, policy: Policy | undefined) {
  return {
    environment,
    protected: isProtected(policy),
    policies: policy
      ? [
          {
            name: policy.name,
            file: policyPath(environment),
            spec: toSpec(policy),
            sentences: describePolicy(policy),
          },
        ]
      : [],
  };
}
