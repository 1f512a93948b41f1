import { type Static, Type } from 'typebox';

const points = (description: string) => Type.Number({ minimum: 0, maximum: 100, description });

/** Points that one object costs, and the cheapest way to get them back. */
export const LostPointsView = Type.Object({
  criterion: Type.String(),
  object: Type.String({ description: 'As `Deployment web`.' }),
  reason: Type.String({ description: 'One sentence.' }),
  points: points('What the score would rise by.'),
  fix: Type.Object({
    sentence: Type.String(),
    way: Type.Union(
      [
        Type.Literal('settings'),
        Type.Literal('codeowners'),
        Type.Literal('upgrade'),
        Type.Literal('look'),
        Type.Literal('blueprint'),
      ],
      {
        description:
          'Where: a field of the settings, CODEOWNERS, another version, a look for the cause, or the chart of the Blueprint.',
      },
    ),
    settings: Type.Array(Type.Object({ path: Type.String(), title: Type.Optional(Type.String()) }), {
      description: 'Fields of the form, where they can be known.',
    }),
  }),
});
export type LostPointsView = Static<typeof LostPointsView>;

/** What one criterion comes to. */
export const CriterionView = Type.Object({
  id: Type.String(),
  title: Type.String(),
  applies: Type.String({ description: 'What it looks at.' }),
  rule: Type.String({ description: 'When it is met.' }),
  sources: Type.Array(Type.Object({ title: Type.String(), url: Type.String() })),
  status: Type.Union(
    [
      Type.Literal('met'),
      Type.Literal('partly'),
      Type.Literal('lost'),
      Type.Literal('not-applicable'),
      Type.Literal('unknown'),
    ],
    { description: 'What does not apply and what is not known is left out, and the rest scaled to 100.' },
  ),
  weight: Type.Number({ description: 'Before scaling.' }),
  points: points('Of 100, after scaling; 0 where it is left out.'),
  earned: points('Of those.'),
  why: Type.Optional(Type.String({ description: 'Why it is left out.' })),
  lost: Type.Array(LostPointsView, { description: 'At most 50, most points first.' }),
  lostMore: Type.Integer({ description: 'How many more objects lose points.' }),
});
export type CriterionView = Static<typeof CriterionView>;

/** `GET /v1/environments/{environment}/applications/{application}/scorecard` */
export const Scorecard = Type.Object({
  environment: Type.String(),
  application: Type.String(),
  revision: Type.String({ description: 'Commit that is scored: the head of the branch.' }),
  appliedRevision: Type.Optional(
    Type.String({ description: 'Commit that is rolled out; absent before the first one is.' }),
  ),
  score: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 100, description: 'Rounded down; absent where there is none.' }),
  ),
  why: Type.Optional(Type.String({ description: 'Why there is no score.' })),
  criteria: Type.Array(CriterionView),
  cheapest: Type.Array(LostPointsView, { description: 'At most 3: where to begin.' }),
  unknown: Type.Array(Type.Object({ id: Type.String(), title: Type.String(), why: Type.String() }), {
    description: 'Criteria that are left out because their facts are not known.',
  }),
});
export type Scorecard = Static<typeof Scorecard>;
