import { type Static, Type } from 'typebox';
import { organizationSlugPattern } from '../names.ts';

const closed = { additionalProperties: false };
const meta = (pattern: string) =>
  Type.Object(
    { name: Type.String({ pattern }), labels: Type.Optional(Type.Record(Type.String(), Type.String())) },
    closed,
  );

/** Preset of Blueprints that an Environment uses. */
export const EnvironmentSize = Type.Union(
  [Type.Literal('small'), Type.Literal('medium'), Type.Literal('large')],
  {
    description: 'Preset of Blueprints (`manifests.overlays`) for what is new here; small unless told.',
  },
);
export type EnvironmentSize = Static<typeof EnvironmentSize>;

/** `organizations/<name>.yaml` in `system/catalyst-config`. */
export const Organization = Type.Object(
  {
    apiVersion: Type.Literal('catalyst.openova.io/v1alpha1'),
    kind: Type.Literal('Organization'),
    metadata: meta(organizationSlugPattern),
    spec: Type.Object({ displayName: Type.Optional(Type.String({ maxLength: 80 })) }, closed),
  },
  closed,
);
export type Organization = Static<typeof Organization>;

/** `environments/<organization>-<env_type>.yaml` in `system/catalyst-config`. */
export const Environment = Type.Object(
  {
    apiVersion: Type.Literal('catalyst.openova.io/v1alpha1'),
    kind: Type.Literal('Environment'),
    metadata: meta('^[a-z][a-z0-9-]{2,31}-(?:prod|stg|uat|dev|poc)$'),
    spec: Type.Object(
      {
        organization: Type.String({ pattern: organizationSlugPattern }),
        envType: Type.Union([
          Type.Literal('prod'),
          Type.Literal('stg'),
          Type.Literal('uat'),
          Type.Literal('dev'),
          Type.Literal('poc'),
        ]),
        displayName: Type.Optional(Type.String({ maxLength: 80 })),
        size: Type.Optional(EnvironmentSize),
      },
      closed,
    ),
  },
  closed,
);
export type Environment = Static<typeof Environment>;
