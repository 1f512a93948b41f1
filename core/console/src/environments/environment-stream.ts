import type { ApplicationView } from '@catalyst/model/views/application-view.ts';

/** Whether what the page shows is what the server knows now. */
export type Connection = 'connecting' | 'live' | 'lost';

/** What the console knows of an Environment through its event stream. */
export interface EnvironmentState {
  readonly connection: Connection;
  /** False until the first snapshot: an empty list means nothing before that. */
  readonly known: boolean;
  readonly applications: ReadonlyMap<string, ApplicationView>;
  /** Where in the stream this state stands. */
  readonly epoch: string;
  readonly revision: number;
}

/** What arrives, in the order of arrival. */
export type StreamInput =
  | { readonly type: 'opened' }
  | { readonly type: 'lost' }
  | { readonly type: 'snapshot'; readonly id: string; readonly applications: readonly ApplicationView[] }
  | { readonly type: 'application'; readonly id: string; readonly application: ApplicationView }
  | { readonly type: 'removed'; readonly id: string; readonly name: string }
  | { readonly type: 'ping' };

/** Before anything was heard. */
export const unknownEnvironment: EnvironmentState = {
  connection: 'connecting',
  known: false,
  applications: new Map(),
  epoch: '',
  revision: -1,
};

/** `<epoch>.<revision>`; the epoch may itself contain dots. Anything else is epoch '' revision -1. */
export function parseEventId(id: string): { epoch: string; revision: number } {
  const at = id.lastIndexOf('.');
  const revision = Number(id.slice(at + 1));
  return at < 1 || !Number.isSafeInteger(revision)
    ? { epoch: '', revision: -1 }
    : { epoch: id.slice(0, at), revision };
}

/**
 * The next state. A snapshot replaces everything; a change older than what is known of the same epoch is dropped (a resumed
 * stream may repeat some). What is known stays on the page while the connection is lost.
 */
export function applyStream(state: EnvironmentState, input: StreamInput): EnvironmentState {
  switch (input.type) {
    case 'lost':
      return state.connection === 'lost' ? state : { ...state, connection: 'lost' };
    case 'opened':
    case 'ping':
      return state.connection === 'live' || !state.known ? state : { ...state, connection: 'live' };
    case 'snapshot':
      return {
        connection: 'live',
        known: true,
        applications: new Map(input.applications.map((item) => [item.name, item])),
        ...parseEventId(input.id),
      };
    case 'application':
    case 'removed':
      return applyChange(state, input);
  }
}

function applyChange(
  state: EnvironmentState,
  input: Extract<StreamInput, { type: 'application' | 'removed' }>,
): EnvironmentState {
  const { epoch, revision } = parseEventId(input.id);
  if (epoch === state.epoch && revision >= 0 && revision < state.revision)
    return { ...state, connection: 'live' };
  const applications = new Map(state.applications);
  if (input.type === 'removed') applications.delete(input.name);
  else applications.set(input.application.name, input.application);
  return { ...state, connection: 'live', applications, epoch, revision };
}
