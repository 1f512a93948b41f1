import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useReducer, useState } from 'react';
import { ProblemError, pathOf, send } from '../api/client.ts';
import {
  applyStream,
  type EnvironmentState,
  type StreamInput,
  unknownEnvironment,
} from './environment-stream.ts';

// The server pings more often than this; silence for longer means a connection that is dead without knowing it.
const silenceMs = 45_000;
const firstPauseMs = 1000;
const longestPauseMs = 15_000;

/** Follows an Environment. The browser resumes by itself; where it gives up, this begins again until it is told to stop. */
export function useEnvironmentStream(
  environment: string,
): EnvironmentState & { error: ProblemError | undefined } {
  const [state, dispatch] = useReducer(applyStream, unknownEnvironment);
  const [error, setError] = useState<ProblemError>();
  const queries = useQueryClient();
  useEffect(() => {
    setError(undefined);
    return follow(environment, dispatch, (refusal) => {
      setError(refusal);
      if (refusal.status === 401) queries.setQueryData(['me'], null);
    });
  }, [environment, queries]);
  return { ...state, error };
}

function follow(
  environment: string,
  dispatch: (input: StreamInput) => void,
  refused: (error: ProblemError) => void,
): () => void {
  const path = pathOf('environments', environment, 'events');
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = firstPauseMs;
  let stopped = false;

  const heard = (input: StreamInput) => {
    clearTimeout(silence);
    silence = setTimeout(again, silenceMs);
    pauseMs = firstPauseMs;
    dispatch(input);
  };
  const again = () => {
    source?.close();
    clearTimeout(silence);
    clearTimeout(timer);
    dispatch({ type: 'lost' });
    if (stopped) return;
    timer = setTimeout(() => void probe(), pauseMs);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  };
  // An EventSource does not say why it was refused; an ordinary question does.
  const probe = async () => {
    try {
      await send('GET', pathOf('environments', environment, 'applications'));
    } catch (error) {
      if (error instanceof ProblemError && [401, 403, 404].includes(error.status)) return refused(error);
    }
    if (!stopped) open();
  };
  const open = () => {
    source = new EventSource(path);
    listen(source, heard);
    source.onerror = () => (source?.readyState === EventSource.CLOSED ? again() : dispatch({ type: 'lost' }));
  };
  const wake = () => {
    if (document.visibilityState === 'visible' && source?.readyState === EventSource.CLOSED) {
      pauseMs = firstPauseMs;
      again();
    }
  };

  open();
  document.addEventListener('visibilitychange', wake);
  window.addEventListener('online', wake);
  return () => {
    stopped = true;
    source?.close();
    clearTimeout(timer);
    clearTimeout(silence);
    document.removeEventListener('visibilitychange', wake);
    window.removeEventListener('online', wake);
  };
}

function listen(source: EventSource, heard: (input: StreamInput) => void): void {
  source.onopen = () => heard({ type: 'opened' });
  source.addEventListener('ping', () => heard({ type: 'ping' }));
  source.addEventListener('snapshot', (event) => {
    const { applications } = JSON.parse(event.data) as { applications: ApplicationView[] };
    heard({ type: 'snapshot', id: event.lastEventId, applications });
  });
  source.addEventListener('application', (event) => {
    heard({
      type: 'application',
      id: event.lastEventId,
      application: JSON.parse(event.data) as ApplicationView,
    });
  });
  source.addEventListener('application-removed', (event) => {
    heard({
      type: 'removed',
      id: event.lastEventId,
      name: (JSON.parse(event.data) as { name: string }).name,
    });
  });
}
