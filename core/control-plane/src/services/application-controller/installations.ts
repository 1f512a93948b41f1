import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { Database, TableDefinition } from '../../ports/database.ts';

/** An Application that a branch says is installed in an Environment. */
export interface Installation {
  /** `<environment>/<application>` */
  readonly id: string;
  readonly organization: string;
  readonly environment: string;
  readonly application: string;
  readonly branch: string;
  readonly revision: string;
  /** Sequence of the repository; an older update never overwrites a newer one. */
  readonly sequence: number;
  /** Set while the Application is being taken away: uninstalled, and not yet reported as removed. */
  readonly removing: boolean;
  readonly declaration: ApplicationDeclaration;
  readonly lastChange: {
    readonly by: string;
    readonly surface: string;
    readonly at: string;
    readonly message: string;
  };
}

/** Rows of what is installed where; the application-controller writes them, everybody else reads. */
export const installationsTable: TableDefinition<Installation> = {
  name: 'installations',
  key: 'id',
  indexes: ['organization', 'environment'],
};

/** Reads what is installed; a step behind Git, so that what is committed is checked against Git. */
export interface Installations {
  get(environment: string, application: string): Promise<Installation | undefined>;
  list(where: { readonly environment?: string; readonly organization?: string }): Promise<Installation[]>;
}

/** Reads from the table; those being removed are left out. */
export function createInstallations({ database }: { readonly database: Database }): Installations {
  const table = database.table(installationsTable);
  return {
    async get(environment, application) {
      const row = await table.get(`${environment}/${application}`);
      return row?.removing ? undefined : row;
    },
    async list(where) {
      return (await table.list({ where, limit: 10_000 })).filter((row) => !row.removing);
    },
  };
}
