import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A message as the server took it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** With its headers, as it came. */
  readonly message: string;
  readonly secure: boolean;
  readonly signedIn: boolean;
}

/** How the server of a test is. */
export interface SmtpOptions {
  readonly tls?: 'none' | 'starttls' | 'implicit';
  readonly user?: string;
  readonly password?: string;
  readonly port?: number;
}

/** Debian's python3-aiosmtpd, as a process on a loopback port. Receivers `later@…` and `never@…` are refused so. */
export async function startSmtpKit(options: SmtpOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-smtp-'));
  const tls = options.tls ?? 'none';
  const certificate = join(directory, 'cert.pem');
  const key = join(directory, 'key.pem');
  if (tls !== 'none') makeCertificate(certificate, key);
  const takenFile = join(directory, 'taken.jsonl');
  const given = { ...options, tls, taken: takenFile, ...(tls === 'none' ? {} : { certificate, key }) };
  // The distribution's own Python has the package, whatever else is on the PATH.
  const child = spawn(
    '/usr/bin/python3',
    [join(import.meta.dirname, 'smtp-server.py'), JSON.stringify(given)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const started = await new Promise<{ port: number; authentication: boolean }>((resolve, reject) => {
    child.once('exit', (code) =>
      reject(new Error(`The SMTP server ended (${code}). Install python3-aiosmtpd; ./catalyst test does.`)),
    );
    createInterface({ input: child.stdout }).once('line', (line) =>
      resolve(JSON.parse(line) as { port: number; authentication: boolean }),
    );
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const taken = (): TakenMail[] =>
    existsSync(takenFile)
      ? readFileSync(takenFile, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as TakenMail)
      : [];
  return {
    directory,
    ...started,
    taken,
    certificate: () => readFileSync(certificate, 'utf8'),
    /** Writes a `mail.yaml` for it; its path. */
    settingsFile(more: Readonly<Record<string, unknown>> = {}): string {
      const path = join(directory, 'mail.yaml');
      const settings = { host: 'localhost', port: started.port, tls, from: 'catalyst@example.org', ...more };
      writeFileSync(path, JSON.stringify(settings));
      return path;
    },
    /** Resolves when so many messages have come. */
    async untilTaken(count: number, timeoutMs = 10_000): Promise<void> {
      for (const end = Date.now() + timeoutMs; taken().length < count; ) {
        if (Date.now() > end) throw new Error(`${taken().length} of ${count} e-mails came.`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    /** From then on nobody answers at its port. */
    async die(): Promise<void> {
      child.kill('SIGKILL');
      await ended;
    },
    async stop(): Promise<void> {
      child.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function makeCertificate(certificate: string, key: string): void {
  const how = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const whose = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', [...how, '-days', '2', ...whose, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  });
}
