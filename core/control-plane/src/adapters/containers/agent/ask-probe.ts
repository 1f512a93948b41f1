import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import type { Probe, ProbeAction } from '@catalyst/model/workload/probes.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';

/** What a probe was answered. */
export type ProbeAnswer = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** The container that is asked. */
export interface ProbeTarget {
  readonly environment: string;
  readonly pod: string;
  readonly container: string;
  readonly address: string;
  /** Container ports by name. */
  readonly ports: Readonly<Record<string, number>>;
}

/**
 * Asks a container once, from the host: HTTP answers 200 to 399 are good and redirects are not followed, only the header is read;
 * TCP must connect; a command must exit with 0. Never throws; `timeoutMs` bounds it.
 */
export async function askProbe(
  runtime: Pick<PodRuntime, 'exec'>,
  probe: Probe,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  const { action } = probe;
  if (action.kind === 'exec') return askCommand(runtime, action.command, target, timeoutMs);
  const port = typeof action.port === 'number' ? action.port : target.ports[action.port];
  if (port === undefined || port < 1 || port > 65_535)
    return { ok: false, message: `the container has no port named "${action.port}"` };
  return action.kind === 'tcp'
    ? askTcp(target.address, port, timeoutMs)
    : askHttp(action, target.address, port, timeoutMs);
}

function askHttp(
  action: Extract<ProbeAction, { kind: 'http' }>,
  host: string,
  port: number,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  const what = `GET ${action.path.slice(0, 100)} on port ${port}`;
  const { promise, resolve } = Promise.withResolvers<ProbeAnswer>();
  const send = action.scheme === 'https' ? requestHttps : requestHttp;
  try {
    const request = send({
      host,
      port,
      path: action.path,
      headers: { 'user-agent': 'kube-probe/catalyst', connection: 'close', ...action.headers },
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      // A probe asks whether the Pod answers, not who it is: as in Kubernetes, certificates are not checked.
      ...(action.scheme === 'https' ? { rejectUnauthorized: false } : {}),
    });
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      resolve(
        status >= 200 && status < 400 ? { ok: true } : { ok: false, message: `${what} answered ${status}` },
      );
    });
    request.on('error', (error) =>
      resolve({ ok: false, message: `${what} failed: ${describe(error, timeoutMs)}` }),
    );
    request.end();
  } catch (error) {
    resolve({ ok: false, message: `${what} failed: ${describe(error, timeoutMs)}` });
  }
  return promise;
}

function askTcp(host: string, port: number, timeoutMs: number): Promise<ProbeAnswer> {
  const { promise, resolve } = Promise.withResolvers<ProbeAnswer>();
  const socket = connect({ host, port, timeout: timeoutMs });
  const end = (answer: ProbeAnswer) => {
    socket.destroy();
    resolve(answer);
  };
  socket.on('connect', () => end({ ok: true }));
  socket.on('timeout', () => end({ ok: false, message: `port ${port} did not answer in ${timeoutMs} ms` }));
  socket.on('error', (error) => end({ ok: false, message: `port ${port}: ${describe(error, timeoutMs)}` }));
  return promise;
}

async function askCommand(
  runtime: Pick<PodRuntime, 'exec'>,
  command: readonly string[],
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  try {
    const { environment, pod, container } = target;
    const { exitCode } = await runtime.exec(environment, pod, container, command, timeoutMs);
    if (exitCode === 0) return { ok: true };
    return { ok: false, message: `the command exited with code ${exitCode}` };
  } catch (error) {
    return { ok: false, message: `the command could not be run: ${describe(error, timeoutMs)}` };
  }
}

function describe(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return `no answer in ${timeoutMs} ms`;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code === 'ECONNREFUSED' ? 'connection refused' : (code ?? error.message.slice(0, 200));
}
