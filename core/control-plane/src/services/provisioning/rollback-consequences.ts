import { crossedMigrations } from '@catalyst/model/blueprint/migrations.ts';
import { secretsOf } from '@catalyst/model/blueprint/secrets-of.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import type { PlannedApplication } from '@catalyst/model/views/plan.ts';
import type { Installed } from './installed.ts';
import type { Draft, PlanningDeps, PlanningScope } from './planning-context.ts';
import type { Earlier } from './rollback-files.ts';

type DataRisk = NonNullable<PlannedApplication['dataRisks']>[number];

/** Says what a rollback does not do: it brings back neither data nor secrets, and a migrated schema stays migrated. */
export async function describeGoingBack(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
  installed: Installed,
  earlier: Earlier,
): Promise<void> {
  const { application } = installed.declaration;
  const risks = [
    ...(await dataRisks(deps, scope, application)),
    ...migrationRisks(deps, scope, installed, earlier.installed),
  ];
  const planned = draft.applications.at(-1);
  if (planned && risks.length > 0) planned.dataRisks = [...(planned.dataRisks ?? []), ...risks];
  draft.consequences.push(
    `Version and shared configuration become those of ${earlier.revision.slice(0, 7)}; what belongs to ${scope.environment} alone stays.`,
    `${application} is held until it is released: nothing else changes its version or shared configuration here.`,
    ...secretConsequences(deps, scope, installed, earlier.installed),
  );
}

async function dataRisks(deps: PlanningDeps, scope: PlanningScope, application: string): Promise<DataRisk[]> {
  const volumes = await deps.workloads.volumes(scope.environment, application);
  return volumes.map(({ claim }) => ({
    what: claim,
    severity: 'notice',
    message: `The data in the volume ${claim} stays as it is now: a rollback does not bring back data.`,
  }));
}

function migrationRisks(
  deps: PlanningDeps,
  scope: PlanningScope,
  installed: Installed,
  earlier: Installed,
): DataRisk[] {
  const from = installed.declaration.blueprint;
  const to = earlier.declaration.blueprint;
  const viewer = { organizations: [scope.organization] };
  const current = deps.catalog.find(from.name, from.version, viewer);
  if (!current || from.name !== to.name) return [];
  return crossedMigrations(current.blueprint, to.version, from.version).map((migration) => ({
    what: `schema of ${from.name} ${migration.to}`,
    severity: migration.reversible ? 'warning' : 'loss',
    message: migration.reversible
      ? `${from.name} ${migration.to} has migrated the data; ${to.version} can go on with it once that is undone, which the rollback does not do. ${migration.note}`
      : `${from.name} ${migration.to} has migrated the data, and that cannot be undone: ${to.version} may not be able to read it. Only a backup from before brings it back. ${migration.note}`,
  }));
}

function secretConsequences(
  deps: PlanningDeps,
  scope: PlanningScope,
  installed: Installed,
  earlier: Installed,
): string[] {
  const names = (one: Installed): Set<string> => {
    const { name, version } = one.declaration.blueprint;
    const found = deps.catalog.find(name, version, { organizations: [scope.organization] });
    if (!found) return new Set();
    const values = mergeValues(
      applyDefaults(found.blueprint.spec.configSchema),
      one.values.baseValues,
      installed.values.overlayValues,
    );
    return new Set(
      secretsOf(found.blueprint, values).flatMap((secret) =>
        secret.keys.map((key) => `${secret.name}/${key.name}`),
      ),
    );
  };
  const now = names(installed);
  const then = names(earlier);
  if (now.size === 0 && then.size === 0) return [];
  const missing = [...then].filter((name) => !now.has(name));
  return [
    'Generated secrets keep the values that they have now: a rollback does not bring back those that were rotated or replaced.',
    ...(missing.length > 0
      ? [
          `The earlier version uses ${missing.join(', ')} again; values that were kept are taken, missing ones are generated.`,
        ]
      : []),
  ];
}
