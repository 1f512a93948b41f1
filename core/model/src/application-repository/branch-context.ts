import type { EnvType } from '../names.ts';
import type { Blueprint } from '../resources/blueprint.ts';

/** What an Application offers to those bound to it, and what it is. */
export interface Provider {
  readonly blueprint: string;
  readonly version: string;
  readonly service?: string;
  readonly port?: number;
}

/** What the check must know of the world outside the branch. */
export interface BranchContext {
  readonly organization: string;
  readonly application: string;
  readonly envType: EnvType;
  readonly environment: string;
  /** Host suffix of the Environment: hosts must end in it. */
  readonly hostSuffix: string;
  /** Digest and address of a version of a Blueprint that the Organization may use, and what it says of itself. */
  readonly blueprint: (
    name: string,
    version: string,
  ) => { readonly digest: string; readonly url: string; readonly blueprint?: Blueprint } | undefined;
  /** An Application installed in the same Environment. */
  readonly provider: (application: string) => Provider | undefined;
  readonly satisfies: (version: string, range: string) => boolean;
  readonly urlOf: (host: string) => string;
}
