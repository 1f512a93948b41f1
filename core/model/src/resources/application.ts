import { type Static, Type } from 'typebox';
import { applicationNamePattern, organizationSlugPattern } from '../names.ts';
import { blueprintNamePattern } from './blueprint.ts';

const closed = { additionalProperties: false };
const digest = '^sha256:[0-9a-f]{64}$';
const alias = '^[a-z][a-z0-9-]{0,30}$';

/** `base/application.yaml`: what the Application is, in every Environment. */
export const BaseApplication = Type.Object(
  {
    apiVersion: Type.Literal('catalyst.openova.io/v1alpha1'),
    kind: Type.Literal('Application'),
    metadata: Type.Object(
      {
        name: Type.String({ pattern: `^(?:${applicationNamePattern.slice(1, -1)})$` }),
        annotations: Type.Object({ 'config.kubernetes.io/local-config': Type.Literal('true') }, closed),
        labels: Type.Optional(Type.Record(Type.String(), Type.String())),
      },
      closed,
    ),
    spec: Type.Object(
      {
        organization: Type.String({ pattern: organizationSlugPattern }),
        displayName: Type.Optional(Type.String({ maxLength: 80 })),
        blueprint: Type.Object(
          {
            name: Type.String({ pattern: blueprintNamePattern }),
            version: Type.String({ maxLength: 64 }),
            digest: Type.String({ pattern: digest }),
          },
          closed,
        ),
        requires: Type.Optional(
          Type.Array(
            Type.Object(
              {
                alias: Type.String({ pattern: alias }),
                blueprint: Type.String({ pattern: blueprintNamePattern }),
                version: Type.String({ maxLength: 100 }),
                when: Type.Optional(
                  Type.String({
                    maxLength: 500,
                    description: 'Asked for, and bound, only in Environments where this condition is true.',
                  }),
                ),
              },
              closed,
            ),
            { maxItems: 50 },
          ),
        ),
      },
      closed,
    ),
  },
  closed,
);
export type BaseApplication = Static<typeof BaseApplication>;

/** `overlays/<env_type>/application.yaml`: what belongs to one Environment and is never carried by a promotion. */
export const OverlayApplication = Type.Object(
  {
    apiVersion: Type.Literal('catalyst.openova.io/v1alpha1'),
    kind: Type.Literal('Application'),
    metadata: Type.Object({ name: Type.String({ pattern: applicationNamePattern }) }, closed),
    spec: Type.Object(
      {
        paused: Type.Optional(Type.Boolean()),
        restartedAt: Type.Optional(
          Type.String({ format: 'date-time', description: 'A later time here replaces every Pod once.' }),
        ),
        placement: Type.Optional(
          Type.Object(
            {
              mode: Type.Union([
                Type.Literal('single-region'),
                Type.Literal('active-active'),
                Type.Literal('active-hotstandby'),
              ]),
              regions: Type.Optional(Type.Array(Type.String(), { maxItems: 20 })),
            },
            closed,
          ),
        ),
        bindings: Type.Optional(
          Type.Array(
            Type.Object(
              {
                alias: Type.String({ pattern: alias }),
                application: Type.String({ pattern: applicationNamePattern }),
              },
              closed,
            ),
            { maxItems: 50 },
          ),
        ),
        hosts: Type.Optional(
          Type.Array(Type.String({ format: 'hostname', maxLength: 253 }), {
            maxItems: 20,
            uniqueItems: true,
          }),
        ),
        sharedTo: Type.Optional(
          Type.Array(Type.Union(['prod', 'stg', 'uat', 'dev', 'poc'].map((name) => Type.Literal(name))), {
            uniqueItems: true,
            description: 'Other Environments of the Organization whose Applications may depend on this one.',
          }),
        ),
        holds: Type.Optional(
          Type.Array(
            Type.Object(
              {
                reason: Type.String({ maxLength: 500 }),
                tree: Type.Optional(
                  Type.String({
                    pattern: '^[0-9a-f]{40}$',
                    description: 'Tree id of the `base/` that was left.',
                  }),
                ),
                by: Type.Optional(Type.String({ maxLength: 200 })),
                at: Type.Optional(Type.String({ format: 'date-time' })),
              },
              closed,
            ),
            { maxItems: 20 },
          ),
        ),
      },
      closed,
    ),
  },
  closed,
);
export type OverlayApplication = Static<typeof OverlayApplication>;

/** Why `base/` of one Environment must not change, who says so, and which `base/` was left for it. */
export interface Hold {
  readonly reason: string;
  /** Tree id. */
  readonly tree?: string;
  readonly by?: string;
  /** RFC 3339. */
  readonly at?: string;
}

/**
 * What one branch of an Application repository says about one Environment, in a form small enough for an event. Absent where
 * the Application is not installed there.
 */
export interface ApplicationDeclaration {
  readonly application: string;
  readonly organization: string;
  readonly environment: string;
  readonly blueprint: { readonly name: string; readonly version: string; readonly digest: string };
  readonly requires: readonly {
    readonly alias: string;
    readonly blueprint: string;
    readonly version: string;
    /** Asked for only where this is true of the merged configuration. */
    readonly when?: string;
  }[];
  readonly bindings: readonly { readonly alias: string; readonly application: string }[];
  readonly hosts: readonly string[];
  /** Env types of other Environments of the Organization whose Applications may depend on it. */
  readonly sharedTo?: readonly string[];
  readonly paused: boolean;
  readonly restartedAt?: string;
  readonly displayName?: string;
  /** Absent where there is none. */
  readonly holds?: readonly Hold[];
}
