import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CatalystError } from '@catalyst/model/problem.ts';

/** What the launcher was asked to do. */
export interface Command {
  readonly verb: 'up' | 'down';
  readonly dataDirectory: string;
  readonly host: string;
  /** Absent: the one kept in the data folder, else the first free one from 7070. */
  readonly port?: number;
  readonly logLevel: string;
  /** Webhooks may go to loopback and private addresses too. */
  readonly allowPrivateWebhooks: boolean;
}

/** Usage as printed for a wrong command line. */
export const usage = `Usage: ./catalyst up|down [--data <folder>] [--port <1024..65535>] [--host <address>] [--allow-private-webhooks]
  --data   where the Sovereign keeps everything; .catalyst unless told
  --port   chosen once and kept in the data folder, because it is part of saved addresses; 7070 or the next free one unless told
  --host   address to listen on; 127.0.0.1 unless told; without TLS only loopback addresses are accepted
  --allow-private-webhooks   lets webhooks reach loopback and private addresses; for trusted Organizations only`;

const loopback = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/;

function invalid(message: string): CatalystError {
  return new CatalystError('Usage', `${message}\n\n${usage}`);
}

/** Reads the command line and environment once. Unknown words are refused. Throws `Usage`. */
export function parseCommand(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const [verb, ...rest] = argv;
  if (verb !== 'up' && verb !== 'down') throw invalid(`"${verb ?? ''}" is no command.`);
  const options = {
    data: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string' },
    'allow-private-webhooks': { type: 'boolean' },
  } as const;
  let values: { data?: string; port?: string; host?: string; 'allow-private-webhooks'?: boolean };
  try {
    values = parseArgs({ args: [...rest], options, strict: true }).values;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  const host = values.host ?? '127.0.0.1';
  if (!loopback.test(host))
    throw invalid(`--host ${host}: without TLS a Sovereign listens on loopback addresses only.`);
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 1024 && port <= 65535))
    throw invalid(`--port ${values.port}: a port is a number from 1024 to 65535.`);
  return {
    verb,
    dataDirectory: resolve(values.data ?? '.catalyst'),
    host,
    ...(port === undefined ? {} : { port }),
    allowPrivateWebhooks: values['allow-private-webhooks'] ?? false,
    logLevel: environment['CATALYST_LOG_LEVEL'] ?? 'warn',
  };
}
