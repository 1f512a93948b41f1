import type { JsonObject } from '../kubernetes.ts';

/** All that a condition or a template of a Blueprint may see. */
export interface DependencyScope {
  /** Merged configuration of the Application whose Blueprint it is. */
  readonly config: JsonObject;
  readonly application: {
    readonly name: string;
    readonly organization: string;
    readonly environment: string;
  };
}

/** Which field of which Blueprint is being read, for messages. */
export interface FieldPlace {
  /** `bp-<name>`, with its version where it is known. */
  readonly blueprint: string;
  readonly alias: string;
  /** Dotted path in `blueprint.yaml`, as `spec.depends.0.when`. */
  readonly field: string;
}
