import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Client } from '../e2e/kit/client.ts';
import type { Sovereign } from '../e2e/kit/sovereign.ts';

/** An open event stream that remembers when each commit was first seen on it. */
export interface Frames {
  /** When the first frame with this commit as its branch's head arrived, by `performance.now()`. Throws when none comes in time. */
  arrival(revision: string, withinMs: number): Promise<number>;
  close(): void;
}

/** Opens the event stream of an Environment; resolves when its snapshot is there. */
export async function openFrames(sovereign: Sovereign, client: Client, environment: string): Promise<Frames> {
  const call = request({
    host: '127.0.0.1',
    port: sovereign.port,
    path: `/v1/environments/${environment}/events`,
    headers: {
      host: `localhost:${sovereign.port}`,
      authorization: `Bearer ${client.token}`,
      accept: 'text/event-stream',
    },
    agent: false,
  });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`event stream: ${response.statusCode}`);
  // A frame may come before the answer that acknowledges its commit, so every one is noted as it arrives.
  const arrivals = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const at = performance.now();
    const frames = (text + chunk).split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      if (frame.startsWith('event: snapshot')) resolve();
      const revision = /"revision":"([0-9a-f]{40})"/.exec(frame)?.[1];
      if (revision === undefined || arrivals.has(revision)) continue;
      arrivals.set(revision, at);
      waiting.get(revision)?.(at);
      waiting.delete(revision);
    }
  });
  response.once('error', () => undefined);
  await ready;
  return {
    arrival: (revision, withinMs) => {
      const arrived = arrivals.get(revision);
      if (arrived !== undefined) return Promise.resolve(arrived);
      return new Promise((done, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`no frame with ${revision} within ${withinMs} ms`)),
          withinMs,
        );
        waiting.set(revision, (at) => {
          clearTimeout(timer);
          done(at);
        });
      });
    },
    close: () => call.destroy(),
  };
}
