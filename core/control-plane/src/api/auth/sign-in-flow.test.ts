import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeApiKit, password } from '../testing/api-kit.ts';
import { toLocalPath } from './auth-routes.ts';

/** A browser: cookies by name, redirects followed by hand. */
function createBrowser(origin: string) {
  const jar = new Map<string, string>();
  return {
    jar,
    async go(path: string, init: RequestInit = {}) {
      const response = await fetch(new URL(path, origin), {
        redirect: 'manual',
        ...init,
        headers: {
          accept: 'text/html',
          cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(init.headers as Record<string, string> | undefined),
        },
      });
      for (const line of response.headers.getSetCookie()) {
        const pair = line.split(';')[0] ?? '';
        const name = pair.slice(0, pair.indexOf('='));
        const value = pair.slice(pair.indexOf('=') + 1);
        if (value && !/expires=Thu, 01 Jan 1970/i.test(line)) jar.set(name, value);
        else jar.delete(name);
      }
      return response;
    },
  };
}

type Browser = ReturnType<typeof createBrowser>;

async function follow(browser: Browser, path: string): Promise<Response> {
  for (let hop = 0, next = path; ; hop += 1) {
    assert.ok(hop < 10, `too many redirects, last ${next}`);
    const response = await browser.go(next);
    const location = response.headers.get('location');
    if (!location) return response;
    next = location;
    if (new URL(location, response.url).pathname.startsWith('/oidc/interaction/')) return browser.go(next);
    if (location === '/environments/acme-dev?tab=1') return response;
  }
}

async function signIn(browser: Browser, origin: string): Promise<Response> {
  const form = await follow(browser, '/auth/login?returnTo=/environments/acme-dev%3Ftab=1');
  assert.equal(form.status, 200);
  const sent = await browser.go(form.url, {
    method: 'POST',
    headers: { origin },
    body: new URLSearchParams({ email: 'ada@example.org', password }),
  });
  assert.equal(sent.status, 303);
  return follow(browser, sent.headers.get('location') ?? '');
}

test('a person signs in, is known, signs out, and is not known any more', async (t) => {
  const { app, origin, admin } = await makeApiKit((clean) => t.after(clean));
  await app.listen({ host: 'localhost', port: Number(new URL(origin).port) });
  const browser = createBrowser(origin);

  const back = await signIn(browser, origin);
  assert.equal(back.headers.get('location'), '/environments/acme-dev?tab=1');
  const cookie = back.headers.getSetCookie().find((line) => line.startsWith('catalyst_session='));
  assert.match(cookie ?? '', /HttpOnly/);
  assert.match(cookie ?? '', /SameSite=Lax/);
  assert.match(cookie ?? '', /Path=\//);
  assert.doesNotMatch(cookie ?? '', /Secure/, 'on http a Secure cookie would be dropped by Safari');

  const me = await (await browser.go('/v1/me')).json();
  assert.equal(me.user.id, admin);

  const kept = new Map(browser.jar);
  const foreign = await browser.go('/auth/logout', {
    method: 'POST',
    headers: { origin: 'http://evil.example' },
  });
  assert.equal(foreign.status, 403);
  const out = await browser.go('/auth/logout', { method: 'POST', headers: { origin } });
  assert.equal(out.status, 204);
  assert.equal((await browser.go('/v1/me')).status, 401);
  for (const [name, value] of kept) browser.jar.set(name, value);
  assert.equal((await browser.go('/v1/me')).status, 401, 'the old cookie is worth nothing');
  const again = await follow(browser, '/auth/login');
  assert.match(again.url, /\/oidc\/interaction\//, 'the issuer asks for the password again');
});

test('signing in gives another session and ends the one before', async (t) => {
  const { app, origin } = await makeApiKit((clean) => t.after(clean));
  await app.listen({ host: 'localhost', port: Number(new URL(origin).port) });
  const browser = createBrowser(origin);
  await signIn(browser, origin);
  const first = browser.jar.get('catalyst_session');
  await follow(browser, '/auth/login?returnTo=/environments/acme-dev%3Ftab=1');
  const second = browser.jar.get('catalyst_session');
  assert.ok(first && second && first !== second);
  browser.jar.set('catalyst_session', first);
  assert.equal((await browser.go('/v1/me')).status, 401);
});

test('a callback that was not begun here, or is repeated, signs nobody in', async (t) => {
  const { app, origin } = await makeApiKit((clean) => t.after(clean));
  await app.listen({ host: 'localhost', port: Number(new URL(origin).port) });
  const browser = createBrowser(origin);
  const bare = await browser.go('/auth/callback?code=x&state=y');
  assert.equal(bare.status, 400);
  assert.equal(browser.jar.has('catalyst_session'), false);
  await browser.go('/auth/login');
  for (const query of ['code=x&state=y', 'error=access_denied&state=y', '', 'code=%00&code=2']) {
    await browser.go('/auth/login');
    const answer = await browser.go(`/auth/callback?${query}`);
    assert.equal(answer.status, 400, query);
    assert.doesNotMatch(await answer.text(), /access_denied/);
  }
  const odd = createBrowser(origin);
  odd.jar.set('catalyst_sign_in', 'bm90IGpzb24');
  assert.equal((await odd.go('/auth/callback?code=x&state=y')).status, 400);
});

test('sign-in begins at the canonical host', async (t) => {
  const { app, origin } = await makeApiKit((clean) => t.after(clean));
  const port = new URL(origin).port;
  const answer = await app.inject({
    url: '/auth/login?returnTo=/a',
    headers: { host: `127.0.0.1:${port}` },
  });
  assert.equal(answer.statusCode, 303);
  assert.equal(answer.headers.location, `${origin}/auth/login?returnTo=%2Fa`);
});

test('returnTo is a path of this origin or nothing', () => {
  const cases: [unknown, string][] = [
    ['/environments/acme-dev?tab=1#x', '/environments/acme-dev?tab=1#x'],
    [undefined, '/'],
    ['', '/'],
    ['http://evil.example/', '/'],
    ['//evil.example/', '/'],
    ['/\\evil.example/', '/'],
    ['/a\\..\\evil', '/'],
    ['/\t/evil.example', '/'],
    ['/..//evil.example', '/'],
    ['/.//evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/a\r\nSet-Cookie: x=y', '/'],
    [`/${'a'.repeat(3_000)}`, '/'],
    [['/a', '/b'], '/'],
  ];
  for (const [given, want] of cases) assert.equal(toLocalPath(given), want, String(given));
});
