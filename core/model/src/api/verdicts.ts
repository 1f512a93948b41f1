import { type Static, Type } from 'typebox';
import { GateVerdict } from '../views/plan.ts';
import { PersonView } from './reviews.ts';

const time = Type.String({ format: 'date-time' });
const facts = Type.Record(Type.String(), Type.Unknown());

const PolicyOutcomeView = Type.Object({
  allowed: Type.Boolean(),
  gates: Type.Array(GateVerdict),
  blocked: Type.Array(GateVerdict),
  byBreakGlass: Type.Optional(Type.Boolean({ description: 'Only because somebody broke the glass.' })),
});

/** One line of a list of recorded verdicts. */
export const VerdictSummary = Type.Object({
  id: Type.String(),
  at: time,
  environment: Type.String(),
  application: Type.String({ description: 'The repository.' }),
  branch: Type.String(),
  way: Type.String({ description: 'pull-request, direct or rollback' }),
  number: Type.Optional(Type.Integer({ description: 'Of the pull request.' })),
  head: Type.String({ description: 'What was to reach the branch.' }),
  base: Type.String({ description: 'Head of the branch at that moment.' }),
  by: Type.Object({ ...PersonView.properties, surface: Type.String() }),
  allowed: Type.Boolean({ description: 'Whether policy and further gates let it through.' }),
  byBreakGlass: Type.Optional(Type.Boolean()),
  reasons: Type.Array(Type.String(), { description: 'Of the closed gates, a sentence each.' }),
  times: Type.Integer({ minimum: 1, description: 'A refusal that was asked for again soon is counted.' }),
  lastAt: time,
});
export type VerdictSummary = Static<typeof VerdictSummary>;

/** `GET /v1/environments/{environment}/verdicts` */
export const VerdictList = Type.Object({ items: Type.Array(VerdictSummary) });

/** `GET /v1/environments/{environment}/verdicts/{id}` */
export const VerdictDetail = Type.Object({
  ...VerdictSummary.properties,
  configRevision: Type.Optional(
    Type.String({ description: 'Head of system/catalyst-config that the policy was read from.' }),
  ),
  policy: Type.Optional(
    Type.Object({
      name: Type.String(),
      environment: Type.String(),
      rules: Type.Array(Type.Record(Type.String(), Type.Unknown())),
      rollback: Type.String(),
    }),
  ),
  change: Type.Object({ environment: Type.String(), way: Type.String() }),
  facts,
  outcome: PolicyOutcomeView,
  further: Type.Array(GateVerdict, {
    description: 'Gates beside the policy (hold, order, codeowners): recorded, not replayed.',
  }),
  problems: Type.Array(Type.String(), { description: 'Codes of what else refused it.' }),
  replayed: Type.Object(
    {
      outcome: Type.Optional(PolicyOutcomeView),
      same: Type.Boolean({ description: 'The same answer as then.' }),
    },
    { description: 'The recorded policy and facts evaluated again, now.' },
  ),
});
export type VerdictDetail = Static<typeof VerdictDetail>;
