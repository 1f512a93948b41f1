import { PassThrough, Readable } from 'node:stream';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { LogLine, LogRequest } from '../../../ports/workloads.ts';
import type { Engine } from './engine.ts';
import { demultiplex } from './frames.ts';
import { checkLabel } from './identity.ts';
import { readLogFile } from './k8s-log-file.ts';
import type { Observer } from './observe.ts';

const maxLineLength = 16 * 1024;
const maxTail = 5_000;

/** Reads the log of one container; undefined when there is none. Ends when the container ends or `signal` aborts. */
export async function readLogs(
  deps: { engine: Engine; observer: Observer },
  request: LogRequest,
): Promise<AsyncIterable<LogLine> | undefined> {
  const found = await deps.observer.list({
    environment: checkLabel('Environment', request.environment),
    pod: checkLabel('Pod', request.pod),
    container: checkLabel('Container', request.container),
  });
  const attempts = found
    .filter((one) => one.identity.application === request.application)
    .sort((a, b) => b.attempt - a.attempt);
  const chosen = request.previous ? attempts[1] : attempts[0];
  if (!chosen || request.signal.aborted) return undefined;
  const follow = request.follow && chosen.state === 'running';
  const tail = Math.min(Math.max(Math.trunc(request.tailLines) || 1, 1), maxTail);
  if ((await deps.engine.info()).kind === 'podman') {
    const info = await deps.engine.call('look at a container', 15_000, (docker) =>
      docker.getContainer(chosen.id).inspect(),
    );
    const running = () => isRunning(deps.engine, chosen.id);
    return readLogFile(info.LogPath, { tail, follow, running, signal: request.signal });
  }
  return lines(await openLog(deps.engine, chosen.id, follow, tail), request.signal);
}

/** While the engine does not answer, what follows a log waits. */
async function isRunning(engine: Engine, id: string): Promise<boolean> {
  try {
    const info = await engine.call('look at a container', 15_000, (docker) =>
      docker.getContainer(id).inspect(),
    );
    return info.State.Running;
  } catch (error) {
    return error instanceof CatalystError && error.code === codes.Unavailable;
  }
}

function openLog(engine: Engine, id: string, follow: boolean, tail: number): Promise<NodeJS.ReadableStream> {
  const options = { stdout: true, stderr: true, timestamps: true, tail };
  return engine.call('read a log', 30_000, (docker) =>
    // The two forms of `follow` are two overloads: a stream, or everything at once (bounded by the log's size limit).
    follow
      ? docker.getContainer(id).logs({ ...options, follow: true })
      : docker
          .getContainer(id)
          .logs({ ...options, follow: false })
          .then((all) => Readable.from([all])),
  );
}

async function* lines(source: NodeJS.ReadableStream, signal: AbortSignal): AsyncGenerator<LogLine> {
  const readable = source instanceof Readable ? source : source.pipe(new PassThrough());
  const abort = () => readable.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const open = new Map<LogLine['stream'], string>();
    for await (const { stream, data } of demultiplex(readable)) {
      const parts = ((open.get(stream) ?? '') + data.toString('utf8')).split('\n');
      // Each frame is a line; a longer one without its end is cut, not collected.
      const rest = parts.pop() ?? '';
      open.set(stream, rest.slice(0, 2 * maxLineLength));
      for (const part of parts) yield lineOf(stream, part);
    }
    for (const [stream, rest] of open) if (rest !== '') yield lineOf(stream, rest);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    readable.destroy();
  }
}

function lineOf(stream: LogLine['stream'], text: string): LogLine {
  const space = text.indexOf(' ');
  const at = space < 0 ? text : text.slice(0, space);
  const line = space < 0 ? '' : text.slice(space + 1).replace(/\r$/, '');
  return { at, stream, line: line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line };
}
