import type { KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { planDataRisks } from '@catalyst/model/plan/data-risks.ts';
import { diffObjects } from '@catalyst/model/plan/diff-objects.ts';
import type { Drift } from '@catalyst/model/plan/drift.ts';
import type { RenderedState } from '@catalyst/model/plan/rendered-state.ts';
import { sumResources } from '@catalyst/model/plan/resources.ts';
import { planRollouts } from '@catalyst/model/plan/restarts.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { PlannedApplication } from '@catalyst/model/views/plan.ts';

/** What one Application's part of a plan is described from. */
interface Description {
  readonly application: string;
  readonly organization: string;
  readonly branch: string;
  readonly change: PlannedApplication['change'];
  readonly blueprint: string;
  readonly version: string;
  readonly alias?: string;
  readonly before: Readonly<Record<string, string>>;
  readonly changes: Readonly<Record<string, string | null>>;
  readonly objectsBefore: readonly KubernetesObject[];
  readonly objectsAfter: readonly KubernetesObject[];
  /** What is declared now; absent where nothing is installed. */
  readonly declarationBefore?: ApplicationDeclaration;
  /** What will be declared; absent where it is uninstalled. */
  readonly declaration?: ApplicationDeclaration;
  /** Claims whose data goes for good. */
  readonly deletedClaims?: readonly string[];
  readonly drift?: readonly Drift[];
}

/** Every file that changes, with what it says before and after. */
export function describeFiles(
  before: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): PlannedApplication['files'] {
  return Object.entries(changes).map(([path, after]) => {
    const present = Object.hasOwn(before, path) ? before[path] : undefined;
    return {
      path,
      change: after === null ? 'delete' : present === undefined ? 'create' : 'change',
      ...(present === undefined ? {} : { before: present }),
      ...(after === null ? {} : { after }),
    };
  });
}

function toState(
  objects: readonly KubernetesObject[],
  declaration: ApplicationDeclaration | undefined,
): RenderedState | null {
  return declaration === undefined
    ? null
    : {
        application: declaration.application,
        objects,
        paused: declaration.paused,
        hosts: declaration.hosts,
        ...(declaration.restartedAt === undefined ? {} : { restartedAt: declaration.restartedAt }),
      };
}

/** What an Application's change comes to: the described part, and what else happens in sentences. */
export interface Described {
  readonly planned: PlannedApplication;
  readonly consequences: readonly string[];
}

/** Says what a change of files comes to, for people: objects, restarts, data, resources. */
export function describe(input: Description): Described {
  const { declaration, declarationBefore, objectsBefore, objectsAfter } = input;
  const before = toState(objectsBefore, declarationBefore);
  const after = toState(objectsAfter, declaration);
  const { restarts, others } = planRollouts(before, after);
  const versionBefore = declarationBefore?.blueprint.version;
  const upgrade =
    versionBefore !== undefined && declaration && versionBefore !== input.version
      ? { from: versionBefore, to: input.version }
      : undefined;
  const dataRisks = declarationBefore
    ? planDataRisks(objectsBefore, declaration ? objectsAfter : null, {
        ...(input.deletedClaims ? { deleted: input.deletedClaims } : {}),
        ...(upgrade ? { upgrade } : {}),
      })
    : [];
  const bindings = (declaration ?? declarationBefore)?.bindings ?? [];
  const planned: PlannedApplication = {
    application: input.application,
    change: input.change,
    blueprint: input.blueprint,
    version: input.version,
    ...(upgrade ? { versionBefore: upgrade.from } : {}),
    ...(input.alias === undefined ? {} : { alias: input.alias }),
    repository: `${input.organization}/${input.application}`,
    branch: input.branch,
    files: describeFiles(input.before, input.changes),
    objects: diffObjects(objectsBefore, objectsAfter),
    resources: sumResources(objectsAfter, declaration?.paused ?? false),
    ...(declarationBefore ? { resourcesBefore: sumResources(objectsBefore, declarationBefore.paused) } : {}),
    ...(restarts.length > 0 ? { restarts } : {}),
    ...(dataRisks.length > 0 ? { dataRisks } : {}),
    ...(input.drift && input.drift.length > 0 ? { drift: [...input.drift] } : {}),
    ...(declaration && bindings.length > 0
      ? { dependsOn: bindings.map(({ alias, application }) => ({ alias, application })) }
      : {}),
  };
  return { planned, consequences: [...restarts.map(toSentence), ...others] };
}

/** The described part alone. */
export function describeApplication(input: Description): PlannedApplication {
  return describe(input).planned;
}

function toSentence({
  kind,
  name,
  how,
  interruption,
  reason,
}: NonNullable<PlannedApplication['restarts']>[number]) {
  if (how === 'stopped') return `The Pods of ${kind} ${name} are stopped, because ${reason}.`;
  if (how === 'rolling')
    return `The Pods of ${kind} ${name} are replaced, because ${reason}; those that run serve until the new ones are ready.`;
  return interruption
    ? `The Pods of ${kind} ${name} are replaced in place, because ${reason}: a short interruption.`
    : `The Pods of ${kind} ${name} are replaced one after the other, because ${reason}; the others serve meanwhile.`;
}
