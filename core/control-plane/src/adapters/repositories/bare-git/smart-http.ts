import { join } from 'node:path';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { GitExchange } from '../../../ports/repositories.ts';
import { isRepositoryName } from './hostile-names.ts';
import { createSlots } from './locks.ts';
import type { PushDeps } from './push.ts';
import { conductPush } from './pushes.ts';
import { feed, isAcceptedEncoding, type Session, startSession } from './sessions.ts';
import { exists } from './storage.ts';
import { notFound } from './writing.ts';

/** Bounds of what a stranger may ask for. */
export interface SmartHttpLimits {
  /** Largest pack of a push. */
  readonly maxInputBytes: number;
  readonly pushTimeoutMs: number;
  readonly fetchTimeoutMs: number;
}

/** What it is made of. */
export interface SmartHttpDeps extends PushDeps {
  readonly limits: SmartHttpLimits;
}

/** Git's smart HTTP, by real Git processes. */
export interface SmartHttp {
  advertise(exchange: Omit<GitExchange, 'body' | 'contentEncoding'>): Promise<AsyncIterable<Uint8Array>>;
  exchange(exchange: GitExchange): Promise<AsyncIterable<Uint8Array>>;
  /** Waits for pushes that may not be interrupted, and ends all else. */
  stop(): Promise<void>;
}

const notFlushed =
  'What was pushed may not have reached the disk. Fetch to see what moved, and push again what did not.';
const maximumFetchRequest = 32 * 1024 * 1024;

/** Makes it. */
export function createSmartHttp(deps: SmartHttpDeps): SmartHttp {
  const slots = { 'git-upload-pack': createSlots(12, 100), 'git-receive-pack': createSlots(6, 100) };
  const live = new Set<Session>();
  /** Work that goes on after the caller has left: pushes on their way to an outcome. */
  const finishing = new Set<Promise<void>>();
  const stopping = new AbortController();

  async function begin(exchange: Omit<GitExchange, 'body'>, flags: readonly string[]): Promise<Session> {
    const directory = deps.directoryOf(exchange.repository);
    if (!isRepositoryName(exchange.repository) || !(await exists(join(directory, 'HEAD'))))
      throw notFound(exchange.repository);
    if (!isAcceptedEncoding(exchange.contentEncoding))
      throw new CatalystError(codes.Invalid, 'Only gzip is understood as a content encoding.');
    const release = await slots[exchange.service]();
    try {
      if (stopping.signal.aborted) throw new CatalystError(codes.Unavailable, 'Catalyst is stopping.');
      const session = startSession({
        git: deps.git,
        logger: deps.logger,
        directory,
        args: [exchange.service.slice(4), '--stateless-rpc', ...flags],
        ...(/^version=[012]$/.test(exchange.protocol ?? '') ? { protocol: exchange.protocol ?? '' } : {}),
        signal: AbortSignal.any([exchange.signal, stopping.signal]),
        timeoutMs:
          exchange.service === 'git-receive-pack' ? deps.limits.pushTimeoutMs : deps.limits.fetchTimeoutMs,
      });
      live.add(session);
      void session.ended.then(() => {
        live.delete(session);
        release();
      });
      return session;
    } catch (error) {
      release();
      throw error;
    }
  }

  function receive(exchange: GitExchange, session: Session): AsyncIterable<Uint8Array> {
    let accepted = false;
    const outcome = conductPush(deps, exchange, session, (verdict) => {
      accepted = verdict === 'accept';
    });
    const finished = outcome
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        deps.logger.error(
          { repository: exchange.repository, reason },
          'a push failed on its way to an outcome',
        );
        session.abort();
      })
      .finally(() => finishing.delete(finished));
    finishing.add(finished);
    return holdBack(session, async () => {
      if (!accepted) return;
      // An answer that Git gives after "accept" acknowledges; it must not overtake the flush of what it acknowledges.
      await outcome.catch((cause: unknown) => {
        throw new CatalystError(codes.Unavailable, notFlushed, { cause, retry: 'later' });
      });
    });
  }

  return {
    async advertise(exchange) {
      const session = await begin(exchange, ['--advertise-refs']);
      session.stdin.end();
      const plain = exchange.protocol === 'version=2' && exchange.service === 'git-upload-pack';
      return prefixed(plain ? '' : serviceLine(exchange.service), session);
    },
    async exchange(exchange) {
      const session = await begin(exchange, []);
      const push = exchange.service === 'git-receive-pack';
      // The pack itself is bounded by Git (receive.maxInputSize); the slack is for the commands before it.
      void feed(session, exchange, push ? deps.limits.maxInputBytes + 1024 * 1024 : maximumFetchRequest);
      return push ? receive(exchange, session) : holdBack(session, async () => undefined);
    },
    async stop() {
      stopping.abort();
      await Promise.all(finishing);
      await Promise.all([...live].map((session) => session.ended));
    },
  };
}

function serviceLine(service: string): string {
  const line = `# service=${service}\n`;
  return `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`;
}

async function* prefixed(text: string, session: Session): AsyncGenerator<Uint8Array> {
  if (text) yield Buffer.from(text);
  yield* holdBack(session, async () => undefined);
}

async function* holdBack(session: Session, mayPass: () => Promise<void>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of session.stdout) {
      await mayPass();
      yield chunk;
    }
  } finally {
    session.abort();
  }
}
