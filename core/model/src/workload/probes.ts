import type { JsonObject } from '../kubernetes.ts';
import { asNumber, asObject, asString, objectsOf, stringsOf } from './json-fields.ts';

/** How a probe asks. `port` may be the name of a container port. */
export type ProbeAction =
  | {
      readonly kind: 'http';
      readonly path: string;
      readonly port: number | string;
      readonly scheme: 'http' | 'https';
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'tcp'; readonly port: number | string }
  | { readonly kind: 'exec'; readonly command: readonly string[] };

/** A probe with Kubernetes' defaults filled in. */
export interface Probe {
  readonly action: ProbeAction;
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

/** The probes of one container. */
export interface Probes {
  readonly startup?: Probe;
  readonly readiness?: Probe;
  readonly liveness?: Probe;
}

/** What a probe has said in a row, and its verdict so far. */
export interface ProbeState {
  readonly successes: number;
  readonly failures: number;
  readonly verdict: 'unknown' | 'passing' | 'failing';
  /** The last failure in words. */
  readonly message?: string;
}

/** Nothing has been asked yet. */
export const unprobed: ProbeState = { successes: 0, failures: 0, verdict: 'unknown' };

/** Reads a probe of a container; undefined when there is none that we can ask. */
export function toProbe(value: unknown): Probe | undefined {
  const probe = asObject(value);
  const action = probe && toAction(probe);
  if (!probe || !action) return undefined;
  const atLeast = (field: string, least: number, otherwise: number) =>
    Math.min(Math.max(Math.trunc(asNumber(probe[field]) ?? otherwise), least), 86_400);
  return {
    action,
    initialDelaySeconds: atLeast('initialDelaySeconds', 0, 0),
    periodSeconds: atLeast('periodSeconds', 1, 10),
    timeoutSeconds: atLeast('timeoutSeconds', 1, 1),
    successThreshold: atLeast('successThreshold', 1, 1),
    failureThreshold: atLeast('failureThreshold', 1, 3),
  };
}

function toAction(probe: JsonObject): ProbeAction | undefined {
  const http = asObject(probe.httpGet);
  if (http) {
    const port = toPort(http.port);
    if (port === undefined) return undefined;
    const path = asString(http.path) ?? '/';
    return {
      kind: 'http',
      port,
      path: path.startsWith('/') ? path : `/${path}`,
      scheme: asString(http.scheme)?.toUpperCase() === 'HTTPS' ? 'https' : 'http',
      headers: Object.fromEntries(
        objectsOf(http.httpHeaders).flatMap((header) => {
          const name = asString(header.name);
          return name ? [[name, asString(header.value) ?? '']] : [];
        }),
      ),
    };
  }
  const tcpPort = toPort(asObject(probe.tcpSocket)?.port);
  if (tcpPort !== undefined) return { kind: 'tcp', port: tcpPort };
  const exec = asObject(probe.exec);
  return exec ? { kind: 'exec', command: stringsOf(exec.command) } : undefined;
}

function toPort(value: unknown): number | string | undefined {
  if (typeof value === 'string' && /^\d{1,5}$/.test(value)) return Number(value);
  return asNumber(value) ?? asString(value);
}

/** The state after one more answer. A verdict changes only after its threshold of equal answers in a row. */
export function recordProbe(
  probe: Pick<Probe, 'successThreshold' | 'failureThreshold'>,
  before: ProbeState,
  answer: { readonly ok: true } | { readonly ok: false; readonly message: string },
): ProbeState {
  if (answer.ok) {
    const successes = before.successes + 1;
    const verdict = successes >= probe.successThreshold ? 'passing' : before.verdict;
    return { successes, failures: 0, verdict };
  }
  const failures = before.failures + 1;
  const verdict = failures >= probe.failureThreshold ? 'failing' : before.verdict;
  return { successes: 0, failures, verdict, message: answer.message };
}

/** What the probes of a running container mean for it. */
export interface ContainerHealth {
  /** The startup probe has passed (or there is none). */
  readonly started: boolean;
  readonly ready: boolean;
  /** Startup or liveness has failed: start it again. */
  readonly restart: boolean;
  /** Which probe is failing, in words. */
  readonly message?: string;
}

/** Judges a running container: readiness and liveness count only once startup has passed. */
export function judgeHealth(
  probes: Probes,
  states: { readonly startup: ProbeState; readonly readiness: ProbeState; readonly liveness: ProbeState },
): ContainerHealth {
  const started = !probes.startup || states.startup.verdict === 'passing';
  const failing = (name: 'startup' | 'readiness' | 'liveness') =>
    states[name].failures > 0 && states[name].message
      ? `its ${name} probe fails: ${states[name].message}`
      : undefined;
  if (!started) {
    const message = failing('startup');
    const restart = states.startup.verdict === 'failing';
    return { started, ready: false, restart, ...(message ? { message } : {}) };
  }
  const ready = !probes.readiness || states.readiness.verdict === 'passing';
  const restart = probes.liveness !== undefined && states.liveness.verdict === 'failing';
  const message = (restart ? failing('liveness') : undefined) ?? (ready ? undefined : failing('readiness'));
  return { started, ready: ready && !restart, restart, ...(message ? { message } : {}) };
}
