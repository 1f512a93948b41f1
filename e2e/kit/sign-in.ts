import { admin, type Client, createClient, setUp } from './client.ts';
import { fetchLocal, type Sovereign } from './sovereign.ts';

/** A browser's memory, as far as signing in needs it. */
interface Jar {
  readonly cookies: Map<string, string>;
}

function remember(jar: Jar, header: string | string[] | undefined): void {
  for (const line of [header ?? []].flat()) {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.cookies.delete(name);
    else jar.cookies.set(name, pair.slice(at + 1));
  }
}

async function follow(
  sovereign: Sovereign,
  jar: Jar,
  path: string,
  form?: Readonly<Record<string, string>>,
): Promise<{ path: string; body: string }> {
  let target = path;
  let body = form;
  for (let hop = 0; hop < 15; hop += 1) {
    const response = await fetchLocal(sovereign.port, 'localhost', target, {
      method: body ? 'POST' : 'GET',
      headers: {
        accept: 'text/html',
        cookie: [...jar.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body ? { 'content-type': 'application/x-www-form-urlencoded', origin: sovereign.url } : {}),
      },
      ...(body ? { body: new URLSearchParams(body).toString() } : {}),
    });
    remember(jar, response.headers['set-cookie']);
    const { location } = response.headers;
    if (response.status < 300 || response.status >= 400 || typeof location !== 'string')
      return { path: target, body: response.body };
    const next = new URL(location, `${sovereign.url}${target}`);
    target = next.pathname + next.search;
    body = undefined;
  }
  throw new Error('too many redirects while signing in');
}

/** Signs in through the real OpenID Connect flow and returns the session cookie. */
export async function signIn(
  sovereign: Sovereign,
  person: { readonly email: string; readonly password: string },
): Promise<string> {
  const jar: Jar = { cookies: new Map() };
  const page = await follow(sovereign, jar, '/auth/login?returnTo=%2F');
  const action = /<form method="post" action="([^"]+)"/.exec(page.body)?.[1];
  if (!action) throw new Error(`no sign-in form at ${page.path}: ${page.body.slice(0, 400)}`);
  await follow(sovereign, jar, action.replaceAll('&amp;', '&'), {
    email: person.email,
    password: person.password,
  });
  const session = jar.cookies.get('catalyst_session');
  if (!session) throw new Error('signing in gave no session');
  return session;
}

/** A personal access token of a person, made as the console makes it. */
export async function createToken(
  sovereign: Sovereign,
  person: { readonly email: string; readonly password: string },
  readOnly = false,
): Promise<string> {
  return (await makeToken(sovereign, person, { name: 'test', readOnly })).token;
}

/** The API with a token of a person that was given the right to post checks, and with which it can be revoked. */
export async function createCheckClient(
  sovereign: Sovereign,
  person: { readonly email: string; readonly password: string },
  checks: { readonly organization: string; readonly names: readonly string[] },
): Promise<Client & { revoke(): Promise<void> }> {
  const { id, token, session } = await makeToken(sovereign, person, { name: 'outside', checks });
  return {
    ...createClient(sovereign, token),
    async revoke() {
      const headers = { cookie: `catalyst_session=${session}`, origin: sovereign.url };
      const gone = await fetchLocal(sovereign.port, 'localhost', `/v1/tokens/${id}`, {
        method: 'DELETE',
        headers,
      });
      if (gone.status !== 204) throw new Error(`revoking: ${gone.status} ${gone.body}`);
    },
  };
}

async function makeToken(
  sovereign: Sovereign,
  person: { readonly email: string; readonly password: string },
  wanted: object,
): Promise<{ id: string; token: string; session: string }> {
  const session = await signIn(sovereign, person);
  const response = await fetchLocal(sovereign.port, 'localhost', '/v1/tokens', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      cookie: `catalyst_session=${session}`,
      origin: sovereign.url,
    },
    body: JSON.stringify({ expiresInDays: 1, ...wanted }),
  });
  if (response.status !== 201) throw new Error(`token: ${response.status} ${response.body}`);
  return { ...(JSON.parse(response.body) as { id: string; token: string }), session };
}

/** Completes set-up and signs in as the first sovereign-admin. */
export async function setUpAndSignIn(sovereign: Sovereign): Promise<Client> {
  await setUp(sovereign);
  return createClient(sovereign, await createToken(sovereign, admin));
}
