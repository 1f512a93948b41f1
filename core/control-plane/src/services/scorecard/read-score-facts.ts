import { basePaths, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import type { EnvType } from '@catalyst/model/names.ts';
import { CatalystError, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { BaseApplication, OverlayApplication } from '@catalyst/model/resources/application.ts';
import { checkSchema } from '@catalyst/model/schema/check-schema.ts';
import {
  type FreshnessFact,
  type Known,
  known,
  type OwnerFact,
  type RunningFact,
  type ScoreFacts,
  unknown,
} from '@catalyst/model/scoring/score-facts.ts';
import semver from 'semver';
import type { GitOps } from '../../ports/gitops.ts';
import type { Teams } from '../access/teams.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { BranchFiles } from '../provisioning/branch-files.ts';
import { upgradesOf } from '../provisioning/check-upgrade.ts';
import { type Installed, parsed, toInstalled } from '../provisioning/installed.ts';
import type { Ownership } from '../receiving/owners.ts';

/** What the facts of a score are read with. */
export interface ScoreFactsDeps {
  readonly gitops: Pick<GitOps, 'preview'>;
  readonly catalog: Catalog;
  readonly teams: Pick<Teams, 'people'>;
}

/** Files of an Application repository, as they are or would be on the branch of an Environment. */
export interface ScoredContent {
  readonly organization: string;
  readonly environment: string;
  readonly envType: EnvType;
  readonly branch: string;
  readonly application: string;
  readonly files: BranchFiles;
  readonly ownership: Ownership;
  readonly running: Known<readonly RunningFact[]>;
}

/** The facts, that nothing is there to be scored, or why it cannot be told. */
export type ReadFacts =
  | { readonly kind: 'facts'; readonly facts: ScoreFacts }
  | { readonly kind: 'nothing' | 'unknown'; readonly why: string };

/** What no part of Catalyst does yet, nobody loses points for. */
const noBackups = unknown(
  'Catalyst takes no backups yet; whether the data is backed up some other way is not known.',
);

/** Renders the content and reads what the criteria look at. Writes nothing. */
export async function readScoreFacts(deps: ScoreFactsDeps, content: ScoredContent): Promise<ReadFacts> {
  const installed = readInstalled(content);
  if (!installed.ok) return cannot(installed.problems);
  if (!installed.value)
    return {
      kind: 'nothing',
      why: `Nothing of ${content.application} would run in ${content.environment}, so there is nothing to score.`,
    };
  const { blueprint } = installed.value.declaration;
  const rendered = await render(deps, content, installed.value);
  if (!rendered.ok) return cannot(rendered.problems);
  const viewer = { organizations: [content.organization] };
  const version = deps.catalog.find(blueprint.name, blueprint.version, viewer);
  return {
    kind: 'facts',
    facts: {
      objects: rendered.value,
      blueprint: blueprint.name,
      configSchema: version?.blueprint.spec.configSchema ?? {},
      freshness: freshnessOf(deps.catalog, content.organization, blueprint),
      owners: known(await ownersOf(deps, content)),
      backups: noBackups,
      running: content.running,
    },
  };
}

function cannot([problem]: readonly Problem[]): ReadFacts {
  return { kind: 'unknown', why: problem?.message ?? 'it cannot be rendered.' };
}

/** A branch that nobody judged yet may hold anything. */
function readInstalled(content: ScoredContent): Result<Installed | undefined> {
  const { texts } = content.files;
  const overlay = overlayPaths(content.envType).application;
  const problems = [
    ...(texts[basePaths.application] === undefined
      ? []
      : checkSchema(
          BaseApplication,
          parsed(texts[basePaths.application], basePaths.application),
          basePaths.application,
        )),
    ...(texts[overlay] === undefined
      ? []
      : checkSchema(OverlayApplication, parsed(texts[overlay], overlay), overlay)),
  ];
  if (problems.length > 0) return refused(...problems);
  return { ok: true, value: toInstalled(content, content.application, content.files) };
}

async function render(deps: ScoreFactsDeps, content: ScoredContent, { declaration }: Installed) {
  const { organization, environment, application, branch } = content;
  try {
    return await deps.gitops.preview(
      { organization, environment, application, branch, declaration },
      content.files.bytes,
      { background: true },
    );
  } catch (error) {
    if (error instanceof CatalystError) return refused({ code: error.code, message: error.message });
    throw error;
  }
}

function freshnessOf(
  catalog: Catalog,
  organization: string,
  blueprint: { readonly name: string; readonly version: string },
): Known<FreshnessFact> {
  const { name, version: used } = blueprint;
  const released = (version: string) => semver.valid(version) !== null && semver.prerelease(version) === null;
  const [newest] = catalog
    .versions(name, { organizations: [organization] })
    .filter(released)
    .toSorted(semver.rcompare);
  if (newest === undefined || semver.valid(used) === null)
    return unknown(`The catalog has no released version of ${name}.`);
  const next = upgradesOf(catalog, organization, blueprint).find(
    ({ direction, allowed, version }) => direction === 'upgrade' && allowed && released(version),
  );
  return known({ used, newest, ...(next ? { next: next.version } : {}) });
}

/** People behind the owners that CODEOWNERS itself names: who stands in where there is nobody is not counted. */
async function ownersOf(deps: ScoreFactsDeps, content: ScoredContent): Promise<OwnerFact> {
  const paths = [basePaths.application, overlayPaths(content.envType).application];
  const handles = [...new Set(paths.flatMap((path) => [...content.ownership.of(path)]))];
  const people = await deps.teams.people(content.organization, handles);
  return { handles, people: new Set(handles.flatMap((handle) => [...(people[handle] ?? [])])).size };
}
