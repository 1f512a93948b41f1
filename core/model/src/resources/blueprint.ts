import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false };
const semver = '^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?$';
/** `bp-<name>`. */
export const blueprintNamePattern = '^bp-[a-z0-9](?:[a-z0-9-]{0,50}[a-z0-9])?$';
const keyPattern = '^[a-z][a-z0-9-]{0,30}$';

/** A secret that an Application of the Blueprint needs: generated once, kept in the secret store, never shown. */
export const BlueprintSecret = Type.Object(
  {
    name: Type.String({
      pattern: keyPattern,
      description: 'Name of the Secret in the namespace of the Application.',
    }),
    /** Empty only where `keysFrom` is given. */
    keys: Type.Array(
      Type.Object(
        {
          name: Type.String({ pattern: '^[A-Za-z0-9._-]{1,63}$' }),
          generate: Type.Optional(
            Type.Object(
              {
                kind: Type.Union([Type.Literal('password'), Type.Literal('hex'), Type.Literal('uuid')]),
                length: Type.Optional(Type.Integer({ minimum: 8, maximum: 128 })),
              },
              closed,
            ),
          ),
          value: Type.Optional(
            Type.String({
              maxLength: 256,
              description:
                'A fixed value that is not secret, as a user name. `{application}` and `{alias}` are replaced.',
            }),
          ),
        },
        closed,
      ),
      { maxItems: 20 },
    ),
    keysFrom: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*$',
        maxLength: 200,
        description:
          'Dotted path of a list in the configuration; each entry `{ name, length? }` is one more key with a generated password.',
      }),
    ),
  },
  closed,
);

/** What an Application of the Blueprint offers to those that depend on it. */
export const BlueprintProvides = Type.Object(
  {
    service: Type.String({
      pattern: keyPattern,
      description: 'Name of the Service in the namespace of the Application.',
    }),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    binding: Type.Optional(
      Type.Object(
        {
          chart: Type.String({
            pattern: '^\\./[a-z0-9/-]+$',
            description: 'Folder of a small Helm chart whose Job prepares what one dependent needs.',
          }),
          keys: BlueprintSecret.properties.keys,
        },
        { ...closed, description: 'The secret each dependent gets, and the Job that makes it true.' },
      ),
    ),
  },
  closed,
);

const dependency = Type.Object(
  {
    blueprint: Type.String({ pattern: blueprintNamePattern }),
    version: Type.String({ minLength: 1, maxLength: 100, description: 'Range of versions, as `^1.4`.' }),
    alias: Type.String({ pattern: keyPattern }),
    when: Type.Optional(Type.String({ maxLength: 500 })),
    values: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  closed,
);

/** `blueprint.yaml`, strictly (spec/blueprint.md section 3). */
export const Blueprint = Type.Object(
  {
    apiVersion: Type.Literal('catalyst.openova.io/v1alpha1'),
    kind: Type.Literal('Blueprint'),
    metadata: Type.Object(
      {
        name: Type.String({ pattern: blueprintNamePattern }),
        labels: Type.Optional(Type.Record(Type.String(), Type.String())),
        annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
      },
      closed,
    ),
    spec: Type.Object(
      {
        version: Type.String({ pattern: semver, maxLength: 64 }),
        card: Type.Object(
          {
            title: Type.String({ minLength: 1, maxLength: 60 }),
            tagline: Type.String({ minLength: 1, maxLength: 140 }),
            description: Type.Optional(Type.String({ maxLength: 4000 })),
            category: Type.String({ pattern: keyPattern }),
            tags: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: 20 })),
            icon: Type.Optional(Type.String({ maxLength: 200 })),
            screenshots: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 10 })),
            license: Type.Optional(Type.String({ maxLength: 60 })),
            documentation: Type.Optional(Type.String({ format: 'uri', maxLength: 300 })),
          },
          closed,
        ),
        visibility: Type.Union([Type.Literal('listed'), Type.Literal('unlisted'), Type.Literal('private')]),
        owner: Type.Optional(
          Type.Object(
            { team: Type.String(), contact: Type.Optional(Type.String({ format: 'email' })) },
            closed,
          ),
        ),
        requires: Type.Optional(Type.Array(Type.Literal('kubernetes'), { maxItems: 1 })),
        configSchema: Type.Record(Type.String(), Type.Unknown()),
        placementSchema: Type.Optional(
          Type.Object(
            {
              modes: Type.Array(
                Type.Union([
                  Type.Literal('single-region'),
                  Type.Literal('active-active'),
                  Type.Literal('active-hotstandby'),
                ]),
              ),
              minRegions: Type.Optional(Type.Integer({ minimum: 1 })),
              maxRegions: Type.Optional(Type.Integer({ minimum: 1 })),
              default: Type.Optional(Type.String()),
            },
            closed,
          ),
        ),
        depends: Type.Optional(Type.Array(dependency, { maxItems: 50 })),
        /** What it is made of; absent in a composite, which is made of its dependencies alone. */
        manifests: Type.Optional(
          Type.Object(
            {
              source: Type.Object(
                { kind: Type.Literal('HelmChart'), ref: Type.String({ minLength: 1, maxLength: 300 }) },
                closed,
              ),
              overlays: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()))),
            },
            closed,
          ),
        ),
        secrets: Type.Optional(Type.Array(BlueprintSecret, { maxItems: 20 })),
        provides: Type.Optional(BlueprintProvides),
        upgrades: Type.Optional(
          Type.Object(
            {
              from: Type.Optional(Type.Array(Type.String())),
              blocks: Type.Optional(Type.Array(Type.String())),
              migrations: Type.Optional(
                Type.Array(
                  Type.Object(
                    {
                      from: Type.Optional(
                        Type.String({
                          maxLength: 100,
                          description:
                            'Range of versions whose data is changed; every earlier one unless told.',
                        }),
                      ),
                      to: Type.String({
                        pattern: semver,
                        maxLength: 64,
                        description: 'First version that has the change.',
                      }),
                      reversible: Type.Boolean({
                        description: 'Whether an earlier version can be made to go on with the data.',
                      }),
                      note: Type.String({
                        minLength: 1,
                        maxLength: 500,
                        description: 'What is changed, and what to do before going back. Shown in plans.',
                      }),
                    },
                    closed,
                  ),
                  {
                    maxItems: 50,
                    description:
                      'Changes that a version makes to the data it finds, as of a database schema.',
                  },
                ),
              ),
            },
            closed,
          ),
        ),
        rotation: Type.Optional(
          Type.Array(Type.Object({ kind: Type.String(), name: Type.String(), ttl: Type.String() }, closed)),
        ),
        observability: Type.Optional(Type.Record(Type.String(), Type.String())),
        dynamicSecrets: Type.Optional(Type.Boolean()),
        outputs: Type.Optional(Type.Record(Type.String(), Type.String())),
      },
      closed,
    ),
  },
  closed,
);
export type Blueprint = Static<typeof Blueprint>;
export type BlueprintSecret = Static<typeof BlueprintSecret>;
export type BlueprintProvides = Static<typeof BlueprintProvides>;
export type BlueprintDependency = Static<typeof dependency>;
