import { join } from 'node:path';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { GitExchange } from '../../../ports/repositories.ts';
import { isRepositoryName } from './hostile-names.ts';
import type { PushDeps } from './push.ts';
import { conductPush } from './pushes.ts';
import { type BodyLimits, feed, isAcceptedEncoding, type Session, startSession } from './sessions.ts';
import { createShares, type ShareLimits } from './shares.ts';
import { exists } from './storage.ts';
import { notFound } from './writing.ts';

/** Bounds of what a stranger may ask for. */
export interface SmartHttpLimits {
  /** Largest pack of a push. */
  readonly maxInputBytes: number;
  readonly pushTimeoutMs: number;
  readonly fetchTimeoutMs: number;
  /** When a request body comes too slowly. */
  readonly slow: Omit<BodyLimits, 'maxBytes'>;
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

/** Of twelve fetches and six pushes at once no Organization has all, and nobody all of those of his Organization. */
const shareLimits: Record<GitExchange['service'], ShareLimits> = {
  'git-upload-pack': {
    all: { atOnce: 12, waiting: 200 },
    ofOrganization: { atOnce: 8, waiting: 100 },
    ofPerson: { atOnce: 6, waiting: 50 },
  },
  'git-receive-pack': {
    all: { atOnce: 6, waiting: 200 },
    ofOrganization: { atOnce: 4, waiting: 100 },
    ofPerson: { atOnce: 3, waiting: 50 },
  },
};

/** Makes it. */
export function createSmartHttp(deps: SmartHttpDeps): SmartHttp {
  const shares = {
    'git-upload-pack': createShares(shareLimits['git-upload-pack']),
    'git-receive-pack': createShares(shareLimits['git-receive-pack']),
  };
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
    const signal = AbortSignal.any([exchange.signal, stopping.signal]);
    const release = await shares[exchange.service].acquire({
      organization: exchange.repository.organization,
      person: exchange.pusher.id,
      signal,
    });
    try {
      if (stopping.signal.aborted) throw new CatalystError(codes.Unavailable, 'Catalyst is stopping.');
      const session = startSession({
        git: deps.git,
        logger: deps.logger,
        directory,
        args: [exchange.service.slice(4), '--stateless-rpc', ...flags],
        ...(/^version=[012]$/.test(exchange.protocol ?? '') ? { protocol: exchange.protocol ?? '' } : {}),
        signal,
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

  function receive(
    exchange: GitExchange,
    session: Session,
    refusal: () => CatalystError | undefined,
  ): AsyncIterable<Uint8Array> {
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
    const mayPass = async () => {
      if (!accepted) return;
      // An answer that Git gives after "accept" acknowledges; it must not overtake the flush of what it acknowledges.
      await outcome.catch((cause: unknown) => {
        throw new CatalystError(codes.Unavailable, notFlushed, { cause, retry: 'later' });
      });
    };
    return holdBack(session, mayPass, refusal);
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
      const maxBytes = push ? deps.limits.maxInputBytes + 1024 * 1024 : maximumFetchRequest;
      let problem: CatalystError | undefined;
      void feed(session, exchange, { ...deps.limits.slow, maxBytes }).then((found) => {
        problem = found;
      });
      const refusal = () => problem;
      return push ? receive(exchange, session, refusal) : holdBack(session, async () => undefined, refusal);
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

async function* holdBack(
  session: Session,
  mayPass: () => Promise<void>,
  refusal: () => CatalystError | undefined = () => undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of session.stdout) {
      await mayPass();
      yield chunk;
    }
    const problem = refusal();
    if (problem) throw problem;
  } finally {
    session.abort();
  }
}
