import type { Actor } from '@catalyst/model/authorization.ts';
import type { EnvType } from '@catalyst/model/names.ts';
import type { Result } from '@catalyst/model/problem.ts';
import type { Environment, EnvironmentSize, Organization } from '@catalyst/model/resources/organization.ts';

/** An Environment to be made. */
export interface NewEnvironment {
  readonly envType: EnvType;
  readonly displayName?: string;
  readonly size?: EnvironmentSize;
}

/** What deleting would lose, said before it happens. */
export interface Deletion {
  readonly applications: readonly string[];
  readonly environments: readonly string[];
  readonly repositories: readonly string[];
  readonly volumes: readonly {
    readonly environment: string;
    readonly application: string;
    readonly claim: string;
    readonly sizeBytes: number;
  }[];
}

/**
 * Organizations and Environments: files in `system/catalyst-config`, changed by commits, reconciled into rows (tables
 * `organizations` and `environments`). Reads answer from the rows. Callers have authorised the actor.
 */
export interface Organizations {
  list(): Promise<Organization[]>;
  get(name: string): Promise<Organization | undefined>;
  environments(organization?: string): Promise<Environment[]>;
  environment(name: string): Promise<Environment | undefined>;
  create(
    actor: Actor,
    input: { name: string; displayName?: string; environments: readonly EnvType[] },
  ): Promise<Result<Organization>>;
  createEnvironment(actor: Actor, organization: string, input: NewEnvironment): Promise<Result<Environment>>;
  /** What would be lost. */
  deletion(organization: string, environment?: string): Promise<Deletion>;
  /** `confirm` must be the name. Uninstalls, removes repositories, volumes, secrets, rows; resumes after a crash. */
  delete(actor: Actor, organization: string, confirm: string): Promise<Result<void>>;
  deleteEnvironment(actor: Actor, environment: string, confirm: string): Promise<Result<void>>;
}
