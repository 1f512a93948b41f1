import type { IncomingMessage, ServerResponse } from 'node:http';
import { normaliseEmail } from '@catalyst/model/person.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import type Provider from 'oidc-provider';
import type { Clock } from '../../../ports/clock.ts';
import type { Attempts } from './attempts.ts';
import { messagePage, sendPage, signInPage } from './pages.ts';
import type { Users } from './users.ts';

const maxFormBytes = 8_192;

/** Serves `<issuer>/interaction/<uid>`: the form (GET) and the attempt (POST). Never rejects. */
export function createSignIn(deps: {
  provider: Provider;
  users: Users;
  attempts: Attempts;
  clock: Clock;
}): (request: IncomingMessage, response: ServerResponse, address: string) => Promise<void> {
  const { provider, users, attempts, clock } = deps;

  async function attempt(
    request: IncomingMessage,
    response: ServerResponse,
    address: string,
    form: { action: string; client: string },
  ): Promise<void> {
    const fields = await readForm(request);
    const email = normaliseEmail(fields?.get('email') ?? '');
    const password = fields?.get('password') ?? '';
    const show = (status: number, error: string, headers?: Record<string, string>) =>
      sendPage(response, status, signInPage({ ...form, email, error }), headers);
    if (!fields || !email || !password || email.length > 254 || password.length > 400)
      return show(422, 'Enter your e-mail address and your password.');
    const until = attempts.begin(email, address);
    if (until !== undefined) {
      const seconds = Math.ceil((until - clock.now()) / 1000);
      return show(429, tooMany(until, seconds), { 'retry-after': String(seconds) });
    }
    const user = await users.verify(email, password);
    if (!user) return show(401, 'The e-mail address or the password is not right.');
    attempts.succeed(email, address);
    await provider.interactionFinished(
      request,
      response,
      { login: { accountId: user.id, amr: ['pwd'] } },
      { mergeWithLastSubmission: false },
    );
  }

  return async (request, response, address) => {
    try {
      const interaction = await provider.interactionDetails(request, response);
      const client = await provider.Client.find(String(interaction.params.client_id));
      const form = {
        action: new URL(provider.issuer).pathname + (request.url ?? ''),
        client: client?.clientName ?? 'Catalyst',
      };
      if (interaction.prompt.name !== 'login')
        return await provider.interactionFinished(request, response, {
          error: 'access_denied',
          error_description: 'This application may not ask for that.',
        });
      if (request.method === 'POST') return await attempt(request, response, address, form);
      sendPage(response, 200, signInPage(form));
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      const again = { href: '/', text: 'To the start page' };
      if (error instanceof CatalystError && error.code === 'Unavailable')
        sendPage(response, 503, messagePage('Please wait', error.message, again), { 'retry-after': '60' });
      else if (error instanceof Error && error.name === 'SessionNotFound')
        sendPage(
          response,
          400,
          messagePage('Sign-in expired', 'This page was open for too long. Start again.', again),
        );
      else throw error;
    }
  };
}

function tooMany(until: number, seconds: number): string {
  const time = new Date(until).toISOString().slice(11, 16);
  const minutes = Math.max(1, Math.ceil(seconds / 60));
  return `Too many attempts. Try again after ${time} UTC, in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`;
}

/** Undefined for what no form of ours sends. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded(?:;|$)/i.test(type)) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const data = Buffer.from(chunk as Uint8Array);
    bytes += data.length;
    if (bytes > maxFormBytes) return undefined;
    chunks.push(data);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
