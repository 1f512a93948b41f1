import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** An event stream as a browser reads it. */
export interface OpenStream {
  readonly status: number;
  /** Everything that was received. */
  text(): string;
  /** Resolves when the other side ends it. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens `GET /v1/environments/<environment>/events`. */
export async function openStream(port: number, environment: string, token: string): Promise<OpenStream> {
  const call = request({
    host: '127.0.0.1',
    port,
    path: `/v1/environments/${environment}/events`,
    headers: {
      host: `localhost:${port}`,
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    agent: false,
  });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<void>((resolve) => {
    response.once('close', () => resolve());
    response.once('error', () => resolve());
  });
  return { status: response.statusCode ?? 0, text: () => text, ended, close: () => call.destroy() };
}
