import type { ApplicationPage } from '@catalyst/model/api/applications.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { ApplicationState, ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { ApiDeps } from './api-deps.ts';
import { applicationViews, visibleEnvironments } from './lookups.ts';

/** Which Applications, and how many of them at once. */
export interface PageQuery {
  readonly organization?: string;
  readonly status?: ApplicationState;
  readonly limit?: number;
  readonly continue?: string;
}

interface Position {
  readonly environment: string;
  readonly application: string;
}

/** One page in order of Environment and name. The place to go on from is a name, so changes between pages shift nothing. */
export async function listApplications(
  deps: ApiDeps,
  actor: Actor,
  query: PageQuery,
): Promise<ApplicationPage> {
  const limit = query.limit ?? 50;
  const from = query.continue === undefined ? undefined : parsePosition(query.continue);
  const items: ApplicationView[] = [];
  for (const { metadata } of await visibleEnvironments(deps, actor, query.organization)) {
    if (from && metadata.name < from.environment) continue;
    for (const view of applicationViews(deps, metadata.name)) {
      if (from?.environment === metadata.name && view.name <= from.application) continue;
      if (query.status !== undefined && view.state !== query.status) continue;
      if (items.length === limit) return { items, continue: formatPosition(items.at(-1)) };
      items.push(view);
    }
  }
  return { items };
}

function formatPosition(view: ApplicationView | undefined): string {
  const position: Position = { environment: view?.environment ?? '', application: view?.name ?? '' };
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function parsePosition(text: string): Position {
  try {
    const parsed = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Partial<Position> | null;
    if (typeof parsed?.environment === 'string' && typeof parsed.application === 'string')
      return { environment: parsed.environment, application: parsed.application };
  } catch {
    // Refused below, like every other text that no page of ours contained.
  }
  const message = 'This is no place to go on from. Take `continue` of the page before as it is.';
  throw new CatalystError('Invalid', message, {
    problems: [{ code: 'Invalid', field: '/continue', message }],
  });
}
