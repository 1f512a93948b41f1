import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemDocument } from '@catalyst/model/api/problem-document.ts';
import { applicationNamePattern, organizationSlugPattern } from '@catalyst/model/names.ts';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import { type TSchema, Type } from 'typebox';
import type { TypeBoxProvider } from '../http/validation.ts';

/** A Fastify application whose handlers are typed by TypeBox schemas. */
export type ApiApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxProvider
>;

const problem = {
  description: 'What went wrong (RFC 9457).',
  content: { 'application/problem+json': { schema: ProblemDocument } },
};

/** Documented answers: the good one, and problems for everything else. */
export function answers(good: Readonly<Record<number, TSchema>>): Record<string, TSchema | typeof problem> {
  return { ...good, default: problem };
}

/** Answer without a body. */
export const noContent = Type.Null({ description: 'Done.' });

// Patterns of the model where a name becomes a path; wide enough otherwise that a wrong name is "not found", not "invalid".
const organization = Type.String({ maxLength: 100, description: `Slug: ${organizationSlugPattern}` });
const environment = Type.String({ maxLength: 100, description: '`<organization>-<env_type>`' });
const application = Type.String({ maxLength: 100, description: `Name: ${applicationNamePattern}` });

/** Path parameters. */
export const params = {
  organization: Type.Object({ organization }),
  environment: Type.Object({ environment }),
  organizationEnvironment: Type.Object({ organization, environment }),
  application: Type.Object({ environment, application }),
};
