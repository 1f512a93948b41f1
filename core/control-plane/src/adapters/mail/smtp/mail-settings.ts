import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { checkSchema } from '@catalyst/model/schema/check-schema.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';
import { type Static, Type } from 'typebox';

const file = 'mail.yaml';
const mostBytes = 64 * 1024;
const word = '^[^\\s<>,;:"\\\\]+$';

/** The Sovereign's `mail.yaml`: which server takes e-mail, and who it is from. */
const MailFile = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 253, pattern: '^[A-Za-z0-9.:-]+$' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    tls: Type.Union([Type.Literal('implicit'), Type.Literal('starttls'), Type.Literal('none')], {
      description:
        'From the first byte (465), by STARTTLS and not without it (587), or none (on this machine only).',
    }),
    from: Type.String({ minLength: 3, maxLength: 254, pattern: '^[^\\s<>,;:"\\\\@]+@[^\\s<>,;:"\\\\@]+$' }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Shown as the sender.' })),
    user: Type.Optional(Type.String({ minLength: 1, maxLength: 254, pattern: word.replace(':', '') })),
    passwordFile: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 500,
        description: 'A file that only its owner may read (0600).',
      }),
    ),
  },
  { additionalProperties: false },
);
type MailFile = Static<typeof MailFile>;

/** Settings with the password, which is never printed. */
export interface MailSettings extends Omit<MailFile, 'passwordFile'> {
  readonly password?: string;
}

/**
 * Settings as the file is now: read again when it or the password's file has changed. `NotConfigured` where there is no file, which is
 * how a Sovereign without e-mail looks.
 */
export function createMailSettings(path: string): () => Result<MailSettings> {
  let seen = '';
  let settings: Result<MailSettings> = refused(none);
  let passwordPath: string | undefined;
  return () => {
    const stamp = `${stampOf(path)} ${passwordPath === undefined ? '' : stampOf(passwordPath)}`;
    if (stamp === seen) return settings;
    const read = readSettings(path);
    settings = read.settings;
    passwordPath = read.passwordPath;
    seen = `${stampOf(path)} ${passwordPath === undefined ? '' : stampOf(passwordPath)}`;
    return settings;
  };
}

const none: Problem = {
  code: 'NotConfigured',
  message: `there is no ${file} in its data folder, which names the mail server.`,
};

function stampOf(path: string): string {
  try {
    const { mtimeMs, ctimeMs, size, ino } = statSync(path);
    return `${mtimeMs}/${ctimeMs}/${size}/${ino}`;
  } catch {
    return 'none';
  }
}

function wrong(message: string, field?: string): Result<never> {
  return refused({ code: 'InvalidMailSettings', file, message, ...(field === undefined ? {} : { field }) });
}

function readSettings(path: string): { settings: Result<MailSettings>; passwordPath?: string } {
  let text: string;
  try {
    if (statSync(path).size > mostBytes) return { settings: wrong(`${file} is larger than 64 kB.`) };
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { settings: missing ? refused(none) : wrong(`${file} cannot be read.`) };
  }
  const parsed = parseYamlObject(text, file);
  if (!parsed.ok) return { settings: parsed };
  const [problem] = checkSchema(MailFile, parsed.value, file);
  if (problem) {
    const field = problem.field ? ` "${problem.field}"` : '';
    return { settings: refused({ ...problem, message: `${file}${field}: ${problem.message}` }) };
  }
  // What the schema just accepted is what its type says.
  return withPassword(path, parsed.value as unknown as MailFile);
}

function withPassword(
  path: string,
  { passwordFile, ...settings }: MailFile,
): { settings: Result<MailSettings>; passwordPath?: string } {
  if ((settings.user === undefined) !== (passwordFile === undefined))
    return { settings: wrong(`${file} needs "user" and "passwordFile" together, or neither.`) };
  if (settings.tls === 'none' && !isLoopback(settings.host))
    return {
      settings: wrong(
        `${file} says "tls: none", which is for a server on this machine only. Use starttls or implicit.`,
        'tls',
      ),
    };
  if (passwordFile === undefined) return { settings: ok(settings) };
  const passwordPath = isAbsolute(passwordFile) ? passwordFile : join(dirname(path), passwordFile);
  const password = readPassword(passwordPath);
  return password.ok
    ? { settings: ok({ ...settings, password: password.value }), passwordPath }
    : { settings: password, passwordPath };
}

function readPassword(path: string): Result<string> {
  const field = 'passwordFile';
  try {
    const { mode, size } = statSync(path);
    if ((mode & 0o077) !== 0)
      return wrong(`The password's file of ${file} may be read by others. Run chmod 600 on it.`, field);
    if (size > mostBytes) return wrong(`The password's file of ${file} is larger than 64 kB.`, field);
    const password = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return password === '' ? wrong(`The password's file of ${file} is empty.`, field) : ok(password);
  } catch {
    return wrong(`The password's file of ${file} cannot be read.`, field);
  }
}

/** A server that is reached without a network. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
