import { overlayFolder, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { codeownersPath, writeCodeowners } from '@catalyst/model/application-repository/write-files.ts';
import { branchOf, type EnvType, envTypes } from '@catalyst/model/names.ts';
import { evaluatePolicy } from '@catalyst/model/policy/policy.ts';
import { codes, type Problem } from '@catalyst/model/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProposedUpdate, Repositories, TreeFile } from '../../ports/repositories.ts';
import type { Teams } from '../access/teams.ts';
import type { HeldPolicy } from '../review/policies.ts';
import type { Verdicts } from '../verdict/verdicts.ts';
import { checkOperation, checkPullRequest, checkRollback, type PullRequestGate } from './check-under.ts';
import { factsOfDirectChange } from './direct-facts.ts';
import { heldProblem, readHolds } from './holds.ts';
import { checkCodeowners, idsOf, orgAdmins, readOwnership } from './owners.ts';
import type { PolicyProposalGate } from './policy-changes.ts';
import { type DirectQuestion, recordDirect } from './record-direct.ts';

/** What keeps branches from changing needs to know. */
export interface ProtectionDeps {
  readonly repositories: () => Repositories;
  readonly policyOf: (environment: string) => Promise<HeldPolicy>;
  readonly verdicts: Pick<Verdicts, 'record'>;
  readonly teams: Pick<Teams, 'people'>;
  readonly clock: Clock;
  /** Whether the gates of a pull request are open now. */
  readonly pullRequestGate: PullRequestGate;
  /** What an approved proposal makes of a policy. */
  readonly policyProposal: PolicyProposalGate;
  /** Where pull requests of an Organization are opened in a browser. */
  readonly pullRequestsUrl: (organization: string) => string;
}

/** Where an update wants to go. */
export interface BranchScope {
  readonly branch: string;
  readonly envType: EnvType;
  readonly environment: string;
}

/** Paths that differ between two listings. */
export function changedPaths(before: readonly TreeFile[], after: readonly TreeFile[]): string[] {
  const old = new Map(before.map((file) => [file.path, `${file.mode} ${file.blob}`]));
  const changed = after.filter((file) => old.get(file.path) !== `${file.mode} ${file.blob}`);
  const present = new Set(after.map((file) => file.path));
  return [...changed.map(({ path }) => path), ...[...old.keys()].filter((path) => !present.has(path))].sort();
}

/** What belongs to one Environment never comes to the branch of another, by whatever way (design.md section 5). */
export function foreignOverlays(
  changed: readonly string[],
  after: readonly TreeFile[],
  { branch, envType, environment }: BranchScope,
): Problem[] {
  const present = new Set(after.map(({ path }) => path));
  return changed
    .flatMap((path) => {
      const other = envTypes.find((type) => type !== envType && path.startsWith(`${overlayFolder(type)}/`));
      return other && present.has(path) ? [{ path, other }] : [];
    })
    .slice(0, 5)
    .map(({ path, other }) => ({
      code: 'ForeignOverlay',
      file: path,
      message: `${overlayFolder(other)} belongs to another Environment, whose branch is ${branchOf(other)}; on ${branch} it has no effect. Leave it out. To bring a change from ${branchOf(other)} to ${environment}, promote it: git push -o pull-request origin +${branchOf(other)}:${branch}`,
    }));
}

const none = /^0+$/;

/** Why an update of the branch of an Environment must not be: holds, protection, owners. Empty: it may. */
export function createProtection(deps: ProtectionDeps) {
  async function checkOwners(
    update: ProposedUpdate,
    scope: BranchScope,
    changed: readonly string[],
  ): Promise<Problem[]> {
    if (!changed.includes(codeownersPath)) return [];
    const { organization } = update.repository;
    const bytes = await update.read(codeownersPath);
    const text = bytes && new TextDecoder().decode(bytes);
    const problems = text === undefined ? [] : await checkCodeowners(deps.teams, organization, text);
    // A pull request's gates have asked the owners; what is written into every new branch needs nobody.
    if (problems.length > 0 || update.under?.kind === 'pull-request' || update.pusher.surface === 'system')
      return problems;
    const isNew = none.test(update.oldRevision);
    if (isNew && text === writeCodeowners(organization)) return [];
    const ownership = await readOwnership(
      deps.repositories(),
      update.repository,
      isNew ? undefined : update.oldRevision,
    );
    const owners = ownership.of(codeownersPath);
    const people = await deps.teams.people(organization, [...owners, orgAdmins(organization)]);
    if (idsOf(people, owners, organization).includes(update.pusher.id)) return [];
    return [
      {
        code: codes.Denied,
        file: codeownersPath,
        message: `Only its present owners (${owners.join(', ')}) change CODEOWNERS of ${scope.branch}. Open a pull request and ask one of them to approve it.`,
      },
    ];
  }

  async function checkWay(
    update: ProposedUpdate,
    scope: BranchScope,
    { policy, facts }: DirectQuestion,
  ): Promise<readonly Problem[]> {
    switch (update.under?.kind) {
      case 'pull-request':
        return checkPullRequest(deps, update, scope, update.under.number);
      case 'operation':
        return checkOperation(deps.repositories(), update, scope);
      case 'rollback': {
        const problems = await checkRollback(deps.repositories(), update, scope, update.under.revision);
        const outcome = evaluatePolicy(policy, { environment: scope.environment, way: 'rollback' }, facts);
        return [...problems, ...(outcome.allowed ? [] : protectedProblems(update, scope, { policy, facts }))];
      }
      default:
        return protectedProblems(update, scope, { policy, facts });
    }
  }

  function protectedProblems(
    update: ProposedUpdate,
    scope: BranchScope,
    { policy, facts }: DirectQuestion,
  ): Problem[] {
    const outcome = evaluatePolicy(policy, { environment: scope.environment, way: 'direct' }, facts);
    if (outcome.allowed) return [];
    const why = `${scope.environment} is protected. ${outcome.blocked.map(({ reason }) => reason).join(' ')}`;
    if (update.pusher.surface !== 'git')
      return [
        {
          code: 'Protected',
          message: `${why} Propose the plan as a pull request instead of applying it: it is merged when its gates are open.`,
        },
      ];
    const say = (message: string): Problem => ({ code: 'Protected', field: scope.branch, message });
    return [
      say(why),
      say(`To open a pull request with this very push: git push -o pull-request origin HEAD:${scope.branch}`),
      say(
        `Or push a branch, git push origin HEAD:refs/heads/<topic>, and open it at ${deps.pullRequestsUrl(update.repository.organization)}`,
      ),
    ];
  }

  return async (update: ProposedUpdate, scope: BranchScope): Promise<readonly Problem[]> => {
    const isNew = none.test(update.oldRevision);
    const before = isNew ? [] : await deps.repositories().files(update.repository, update.oldRevision);
    const changed = changedPaths(before, await update.files());
    const hold = isNew ? undefined : await holdOf(deps.repositories(), update, scope, changed);
    const foreign = foreignOverlays(changed, await update.files(), scope);
    const { policy, configRevision } = await deps.policyOf(scope.environment);
    const facts = await factsOfDirectChange(
      { clock: deps.clock, people: (...question) => deps.teams.people(...question) },
      policy,
      update.pusher,
    );
    const question = { policy, configRevision, facts };
    const early = hold ? [hold] : foreign;
    const wayProblems = early.length > 0 ? early : await checkWay(update, scope, question);
    const problems = wayProblems.length > 0 ? wayProblems : await checkOwners(update, scope, changed);
    await recordDirect({ ...deps, repositories: deps.repositories() }, update, scope, question, problems);
    return problems;
  };
}

/** Where `base/` must stay as it is. */
async function holdOf(
  repositories: Pick<Repositories, 'read'>,
  { repository, oldRevision, under }: ProposedUpdate,
  scope: BranchScope,
  changed: readonly string[],
): Promise<Problem | undefined> {
  if (under?.kind === 'rollback' || !changed.some((path) => path.startsWith('base/'))) return undefined;
  const overlay = overlayPaths(scope.envType).application;
  const [hold] = readHolds(await repositories.read(repository, oldRevision, overlay), overlay);
  return hold && heldProblem(hold, repository.name, scope.environment);
}
