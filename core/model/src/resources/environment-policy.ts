import { type Static, Type } from 'typebox';
import { durationPattern } from '../change-window/duration.ts';

const closed = { additionalProperties: false };

/** Name of the policy of an Environment, and stem of its file. */
export function policyName(environment: string): string {
  return `${environment}-policy`;
}

/** Path of the policy of an Environment in `system/catalyst-config`. */
export function policyPath(environment: string): string {
  return `policies/${policyName(environment)}.yaml`;
}

/** The part of a policy that people decide. Each rule is checked by the table of kinds (`policy/rule-kinds.ts`). */
export const PolicySpec = Type.Object(
  {
    rules: Type.Array(
      Type.Object(
        { kind: Type.String({ maxLength: 40 }) },
        { additionalProperties: true, description: 'Further fields belong to the kind.' },
      ),
      { maxItems: 20 },
    ),
    rollback: Type.Optional(
      Type.Union([Type.Literal('free'), Type.Literal('gated')], {
        description:
          '`gated`: going back to what already passed here needs the gates again. Free unless told.',
      }),
    ),
    automaticRollback: Type.Optional(
      Type.Object(
        {
          after: Type.String({
            pattern: durationPattern,
            description: 'How long what is merged has to come to run, as `10m`; at most 7 days.',
          }),
        },
        {
          ...closed,
          description:
            'What a merge brought goes back by itself when it does not come to run in time. Not together with `rollback: gated`.',
        },
      ),
    ),
  },
  closed,
);

/** `policies/<organization>-<env_type>-policy.yaml` in `system/catalyst-config`: what a change of one Environment must meet. */
export const EnvironmentPolicyFile = Type.Object(
  {
    apiVersion: Type.Literal('catalyst.openova.io/v1alpha1'),
    kind: Type.Literal('EnvironmentPolicy'),
    metadata: Type.Object(
      {
        name: Type.String({ pattern: '^[a-z][a-z0-9-]{2,31}-(?:prod|stg|uat|dev|poc)-policy$' }),
        labels: Type.Optional(Type.Record(Type.String(), Type.String())),
      },
      closed,
    ),
    spec: Type.Object(
      {
        appliesTo: Type.Object(
          {
            environments: Type.Array(Type.String({ maxLength: 40 }), {
              minItems: 1,
              maxItems: 1,
              description: 'The Environment that the file is named for.',
            }),
          },
          closed,
        ),
        ...PolicySpec.properties,
      },
      closed,
    ),
  },
  closed,
);
export type EnvironmentPolicyFile = Static<typeof EnvironmentPolicyFile>;
