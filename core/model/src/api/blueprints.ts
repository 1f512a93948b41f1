import { type Static, Type } from 'typebox';
import { ProblemDocument } from './problem-document.ts';

/** A Blueprint as the marketplace lists it. */
export const BlueprintCard = Type.Object({
  name: Type.String(),
  version: Type.String({ description: 'The newest, unless another was asked for.' }),
  title: Type.String(),
  tagline: Type.String(),
  category: Type.String(),
  tags: Type.Array(Type.String()),
  icon: Type.Optional(Type.String({ description: '`data:` URL' })),
  visibility: Type.String(),
  requires: Type.Array(Type.String(), { description: '`kubernetes`: does not run on a single machine.' }),
  origin: Type.String(),
});
export type BlueprintCard = Static<typeof BlueprintCard>;

/** `GET /v1/blueprints` */
export const BlueprintList = Type.Object({
  items: Type.Array(BlueprintCard),
  malformed: Type.Array(Type.Object({ name: Type.String(), problems: ProblemDocument.properties.problems })),
});
export type BlueprintList = Static<typeof BlueprintList>;

/** `GET /v1/blueprints/{name}` */
export const BlueprintDetail = Type.Object({
  ...BlueprintCard.properties,
  versions: Type.Array(Type.String(), { description: 'Newest first.' }),
  description: Type.Optional(Type.String()),
  readme: Type.Optional(Type.String({ description: 'Markdown' })),
  license: Type.Optional(Type.String()),
  documentation: Type.Optional(Type.String()),
  configSchema: Type.Record(Type.String(), Type.Unknown()),
  defaults: Type.Record(Type.String(), Type.Unknown()),
  depends: Type.Array(
    Type.Object({
      alias: Type.String(),
      blueprint: Type.String(),
      version: Type.String(),
      when: Type.Optional(Type.String()),
    }),
  ),
  digest: Type.String(),
});
export type BlueprintDetail = Static<typeof BlueprintDetail>;
