import { type Static, Type } from 'typebox';
import { PersonView } from './reviews.ts';

const closed = { additionalProperties: false };
const time = Type.String({ format: 'date-time' });

/** Minutes for which the glass may be broken. */
export const breakGlassMinutes = { least: 1, most: 240, usual: 30 } as const;

/** `POST /v1/environments/{environment}/break-glass` */
export const OpenBreakGlass = Type.Object(
  {
    reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S', description: 'Everybody sees it.' }),
    minutes: Type.Optional(
      Type.Integer({
        minimum: breakGlassMinutes.least,
        maximum: breakGlassMinutes.most,
        default: breakGlassMinutes.usual,
      }),
    ),
  },
  closed,
);
export type OpenBreakGlass = Static<typeof OpenBreakGlass>;

/** One time that somebody broke the glass of an Environment. */
export const BreakGlassView = Type.Object({
  id: Type.String(),
  environment: Type.String(),
  by: PersonView,
  reason: Type.String(),
  minutes: Type.Integer(),
  openedAt: time,
  until: time,
  open: Type.Boolean(),
  ended: Type.Optional(
    Type.Object({
      at: time,
      how: Type.String({
        description:
          'time, hand, right (it was taken from the person), clock (the clock of the machine was set back)',
      }),
      by: Type.Optional(PersonView),
    }),
  ),
});
export type BreakGlassView = Static<typeof BreakGlassView>;

/** `GET …/break-glass`, newest first. */
export const BreakGlassList = Type.Object({ items: Type.Array(BreakGlassView) });
