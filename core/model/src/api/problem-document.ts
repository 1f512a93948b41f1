import { type Static, Type } from 'typebox';

/** RFC 9457 problem details, with Catalyst's code and everything that was wrong. */
export const ProblemDocument = Type.Object({
  type: Type.String({ description: 'Always `about:blank`: `code` says what happened.' }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String({ description: 'What could not be done, why, and what to do.' }),
  code: Type.String({ description: 'PascalCase constant to branch on.' }),
  problems: Type.Array(
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      file: Type.Optional(Type.String()),
      field: Type.Optional(Type.String({ description: 'JSON pointer or dotted path.' })),
    }),
  ),
});
export type ProblemDocument = Static<typeof ProblemDocument>;
