import type { LogLineView } from '@catalyst/model/api/applications.ts';
import { useEffect, useState } from 'react';
import { messageOf, ProblemError, pathOf, send } from '../api/client.ts';
import { appendLines, emptyLog, type LogBuffer } from './log-buffer.ts';
import { readLogLines } from './read-lines.ts';

/** Which log to follow. */
export interface LogSource {
  readonly environment: string;
  readonly application: string;
  readonly pod: string;
  readonly container: string;
  /** The crashed predecessor's; it is complete, so it is read once. */
  readonly previous: boolean;
}

/** How far the reading is. */
export type LogStatus = 'connecting' | 'live' | 'waiting' | 'complete' | 'missing';

const tailLines = 1000;
const paintMs = 100;
const againMs = 2000;

/** Follows a log; begins again when the container was replaced or the connection broke. */
export function useLogStream(source: LogSource | undefined): {
  buffer: LogBuffer;
  status: LogStatus;
  message: string;
  clear: () => void;
} {
  const [buffer, setBuffer] = useState<LogBuffer>(emptyLog);
  const [status, setStatus] = useState<LogStatus>('connecting');
  const [message, setMessage] = useState('');
  const { environment, application, pod, container, previous } = source ?? {};
  useEffect(() => {
    setBuffer(emptyLog);
    setMessage('');
    setStatus('connecting');
    if (!environment || !application || !pod || !container) return;
    const aborter = new AbortController();
    void follow({ environment, application, pod, container, previous: previous === true }, aborter.signal, {
      add: (lines, resumed) => setBuffer((before) => appendLines(before, lines, resumed)),
      status: (next, words = '') => {
        setStatus(next);
        setMessage(words);
      },
    });
    return () => aborter.abort();
  }, [environment, application, pod, container, previous]);
  return {
    buffer,
    status,
    message,
    clear: () => setBuffer((before) => ({ ...before, lines: [], dropped: 0 })),
  };
}

interface Report {
  add(lines: readonly LogLineView[], resumed: boolean): void;
  status(status: LogStatus, message?: string): void;
}

async function follow(source: LogSource, signal: AbortSignal, report: Report): Promise<void> {
  for (let resumed = false; !signal.aborted; resumed = true) {
    try {
      await readOnce(source, signal, resumed, report);
      if (signal.aborted) return;
      if (source.previous) return report.status('complete');
      report.status('waiting', 'The container has ended. Its successor follows here.');
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ProblemError && [403, 404, 422].includes(error.status)) {
        report.status('missing', error.message);
        if (source.previous || error.status !== 404) return;
      } else report.status('waiting', messageOf(error));
    }
    await pause(againMs, signal);
  }
}

async function readOnce(
  source: LogSource,
  signal: AbortSignal,
  resumed: boolean,
  report: Report,
): Promise<void> {
  const query = new URLSearchParams({
    pod: source.pod,
    container: source.container,
    tail: String(tailLines),
  });
  if (source.previous) query.set('previous', 'true');
  else query.set('follow', 'true');
  const path = `${pathOf('environments', source.environment, 'applications', source.application, 'logs')}?${query.toString()}`;
  const response = await send('GET', path, { signal, accept: 'application/x-ndjson' });
  report.status('live');
  // A program that writes a thousand lines a second is painted ten times a second.
  let pending: LogLineView[] = [];
  const paint = () => {
    if (pending.length > 0) report.add(pending, resumed);
    pending = [];
  };
  const timer = setInterval(paint, paintMs);
  try {
    for await (const lines of readLogLines(response)) pending.push(...lines);
  } finally {
    clearInterval(timer);
    if (!signal.aborted) paint();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
