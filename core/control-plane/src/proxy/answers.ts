import type { EntryRoute } from '../ports/entry-routes.ts';
import type { EntryAnswer } from './pages.ts';

/** Nothing of this Sovereign has that host. */
export const unknownHost: EntryAnswer = {
  status: 421,
  code: 'UnknownHost',
  title: 'Nothing is served under this name',
  detail:
    'No Application of this Sovereign has this host name. It may have been uninstalled, or the address may be mistyped.',
  waits: false,
};

/** The control plane does not answer. */
export const controlPlaneDown: EntryAnswer = {
  status: 503,
  code: 'ControlPlaneUnavailable',
  title: 'Catalyst is stopped or restarting',
  detail: 'Applications keep running. Start Catalyst with ./catalyst up if it does not come back by itself.',
  waits: true,
};

/** The request cannot be passed on safely. */
export function badRequest(detail: string, status = 400): EntryAnswer {
  return { status, code: 'BadRequest', title: 'This request cannot be passed on', detail, waits: false };
}

const waitingStates = new Map([
  ['Paused', 'is paused'],
  ['Failed', 'does not run'],
  ['Updating', 'is being updated'],
  ['Installing', 'is being installed'],
]);

/** The Application has no backend that takes connections. */
export function notReady(route: EntryRoute): EntryAnswer {
  const title = `${route.application} ${waitingStates.get(route.state) ?? 'is not ready yet'}`;
  const running = route.state === 'Running' || route.message === '';
  return {
    status: 503,
    code: 'ApplicationNotReady',
    title,
    detail: running ? 'It does not take connections at the moment.' : route.message,
    state: route.state,
    application: route.application,
    environment: route.environment,
    waits: true,
  };
}

/** A backend took the request and did not answer it. */
export function noAnswer(name: string, status: 502 | 504): EntryAnswer {
  return {
    status,
    code: status === 502 ? 'BrokenAnswer' : 'NoAnswerInTime',
    title: status === 502 ? `${name} broke off its answer` : `${name} did not answer in time`,
    detail:
      status === 502
        ? 'It closed the connection, or answered in a way that is not HTTP. Its logs may say why.'
        : 'It took the request and then said nothing. Its logs may say why.',
    waits: false,
  };
}
