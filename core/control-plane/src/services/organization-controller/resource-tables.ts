import type { Environment, Organization } from '@catalyst/model/resources/organization.ts';
import type { TableDefinition } from '../../ports/database.ts';

/** An Organization as `system/catalyst-config` has it. */
export interface OrganizationRow {
  readonly name: string;
  readonly resource: Organization;
  /** Blob of its file, so that a reconcile reads only files that changed. */
  readonly blob: string;
}

/** An Environment as `system/catalyst-config` has it. */
export interface EnvironmentRow {
  readonly name: string;
  readonly organization: string;
  readonly resource: Environment;
  /** Blob of its file. */
  readonly blob: string;
  /** What its branches hold is still to be declared. */
  readonly undeclared?: true;
}

/** Reconciled Organizations. */
export const organizationsTable: TableDefinition<OrganizationRow> = { name: 'organizations', key: 'name' };
/** Reconciled Environments. */
export const environmentsTable: TableDefinition<EnvironmentRow> = {
  name: 'environments',
  key: 'name',
  indexes: ['organization'],
};

/** How far `system/catalyst-config` has been reconciled. */
export interface ReconciledRow {
  readonly repository: string;
  readonly revision: string;
}
/** One row per configuration repository. */
export const reconciledTable: TableDefinition<ReconciledRow> = {
  name: 'config_reconciled',
  key: 'repository',
};

/** A deletion that was confirmed and is not done yet. */
export interface DeletionRow {
  /** Name of the Organization or Environment. */
  readonly name: string;
  readonly kind: 'Organization' | 'Environment';
  readonly organization: string;
  readonly actor: {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly surface: 'console' | 'git' | 'api' | 'system';
  };
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** What it is doing now, a sentence for people. */
  readonly progress: string;
}
/** Deletions under way; they survive a crash. */
export const deletionsTable: TableDefinition<DeletionRow> = {
  name: 'deletions',
  key: 'name',
  indexes: ['organization'],
};
