import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Caller, callers, type Row, rules, table, type Verdict } from './access-table.ts';
import { type ApiKit, makeApiKit } from './api-kit.ts';
import { buildOpenApi } from './build-open-api.ts';

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
}

const operations = await readOperations();
const cleanups: (() => Promise<void>)[] = [];
let kit: ApiKit;
/** Whose rights a caller has; strangers borrow those of the org-admin, which must not help them. */
let users: Record<Caller, string>;
let headers: Record<Caller, Record<string, string>>;

describe('route × role × Organization', () => {
  before(async () => {
    kit = await makeApiKit((clean) => cleanups.push(clean));
    const orgAdmin = await kit.addPerson('admin@acme.example', { organization: 'acme', role: 'org-admin' });
    const foreignAdmin = await kit.addPerson('admin@globex.example', {
      organization: 'globex',
      role: 'org-admin',
    });
    users = {
      anonymous: orgAdmin,
      revokedToken: orgAdmin,
      expiredSession: orgAdmin,
      readOnlyToken: orgAdmin,
      checkToken: orgAdmin,
      otherCheckToken: orgAdmin,
      foreignCheckToken: foreignAdmin,
      orgAdmin,
      sovereignAdmin: kit.admin,
      foreignAdmin,
      pendingMember: await addPendingMember(),
      viewer: await kit.addPerson('viewer@acme.example', { organization: 'acme', role: 'org-viewer' }),
      developer: await kit.addPerson('dev@acme.example', { organization: 'acme', role: 'org-developer' }),
      limitedDeveloper: await kit.addPerson('limited@acme.example', {
        organization: 'acme',
        role: 'org-developer',
        environments: ['acme-prod'],
      }),
      glassBreaker: await kit.addPerson('glass@acme.example', {
        organization: 'acme',
        role: 'org-developer',
      }),
    };
    const admin = await kit.access.authenticateSession((await kit.access.signIn(orgAdmin)).cookie);
    assert.ok(admin && (await kit.access.grantBreakGlass(admin, 'acme', users.glassBreaker, true)).ok);
    headers = await makeHeaders();
    await kit.app.listen({ host: 'localhost', port: Number(new URL(kit.origin).port) });
  });

  after(async () => {
    for (const clean of cleanups) await clean();
  });

  test('the table names every operation, and no other', () => {
    assert.deepEqual(operations.map(({ id }) => id).sort(), Object.keys(table).sort());
  });

  for (const operation of operations)
    test(`${operation.method} ${operation.path}`, async () => {
      const row = rowOf(operation);
      for (const caller of callers) {
        const { status, body } = await ask(operation, row, caller);
        const got = verdictOf(status, row);
        assert.equal(got, rules[row.rule][caller], `${caller}: ${status} ${body}`);
      }
    });

  for (const operation of operations.filter(({ path }) => /\{(?:organization|environment)\}/.test(path)))
    test(`${operation.method} ${operation.path} does not tell whether another's Organization exists`, async () => {
      const row = rowOf(operation);
      for (const garbage of [false, true])
        for (const [caller, theirs] of [
          ['foreignAdmin', 'acme'],
          ['pendingMember', 'acme'],
          ['viewer', 'globex'],
          ['readOnlyToken', 'globex'],
          ['checkToken', 'globex'],
          ['foreignCheckToken', 'acme'],
        ] as const) {
          const existing = await ask(operation, row, caller, theirs, garbage);
          const missing = await ask(operation, row, caller, 'nowhere', garbage);
          assert.equal(existing.status, 404, `${caller} ${existing.body}`);
          assert.deepEqual(existing, missing, caller);
        }
    });

  test('the right to post checks is given by org-admins of that Organization and sovereign-admins', async () => {
    const give = async (caller: Caller, organization: string) => {
      const payload = { name: 'ci', expiresInDays: 1, checks: { organization, names: ['scan'] } };
      const answer = await kit.app.inject({
        method: 'POST',
        url: '/v1/tokens',
        headers: headers[caller],
        payload,
      });
      return toAnswer(answer.statusCode, answer.body, answer.headers);
    };
    for (const caller of callers) {
      const { status, body } = await give(caller, 'acme');
      const got = verdictOf(status, { rule: 'adminWrite', want: 201 });
      assert.equal(got, rules.adminWrite[caller], `${caller}: ${status} ${body}`);
    }
    for (const caller of ['foreignAdmin', 'foreignCheckToken'] as const)
      assert.deepEqual(await give(caller, 'acme'), await give(caller, 'nowhere'), caller);
    assert.equal((await give('sovereignAdmin', 'nowhere')).status, 404);
  });

  test('lists leave out what is not the caller’s', async () => {
    const ask = async (path: string, caller: Caller) =>
      (await kit.app.inject({ url: path, headers: headers[caller] })).json();
    for (const [caller, organizations] of [
      ['viewer', ['acme']],
      ['foreignAdmin', ['globex']],
      ['pendingMember', []],
      ['sovereignAdmin', ['acme', 'globex']],
    ] as const) {
      const known = new Set<string>(organizations);
      const listed = (await ask('/v1/organizations', caller)).items as { name: string }[];
      assert.deepEqual(
        listed.map(({ name }) => name).filter((name) => ['acme', 'globex'].includes(name)),
        [...known],
      );
      const pages = (await ask('/v1/applications', caller)).items as { organization: string }[];
      assert.deepEqual(new Set(pages.map(({ organization }) => organization)), known);
      for (const other of ['acme', 'globex', 'nowhere'])
        if (!known.has(other))
          assert.deepEqual(await ask(`/v1/applications?organization=${other}`, caller), { items: [] });
    }
    const cards = async (caller: Caller) =>
      ((await ask('/v1/blueprints', caller)).items as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(await cards('anonymous'), ['bp-web-app']);
    assert.deepEqual(await cards('viewer'), ['bp-web-app']);
    assert.deepEqual(await cards('foreignAdmin'), ['bp-web-app', 'bp-secret']);
    const secret = await kit.app.inject({ url: '/v1/blueprints/bp-secret', headers: headers.viewer });
    const none = await kit.app.inject({ url: '/v1/blueprints/bp-none', headers: headers.viewer });
    assert.equal(secret.statusCode, 404);
    assert.equal(secret.body, none.body);
  });
});

/** Somebody with an account, whom Acme invited as org-admin and who has not accepted. */
async function addPendingMember(): Promise<string> {
  const email = 'pending@acme.example';
  const user = await kit.addPerson(email);
  const added = await kit.access.addMember(kit.boss, 'acme', { name: 'P', email, role: 'org-admin' });
  assert.ok(added.ok);
  return user;
}

async function makeHeaders(): Promise<Record<Caller, Record<string, string>>> {
  const { access, host } = kit;
  const expired = await kit.browser(users.expiredSession);
  kit.advance(13 * 3_600_000);
  const boss = await access.authenticateSession((await access.signIn(users.orgAdmin)).cookie);
  assert.ok(boss);
  const token = async (readOnly: boolean) => {
    const made = await access.createToken(boss, { name: 'token', expiresInDays: 1, readOnly });
    assert.ok(made.ok);
    return made.value;
  };
  const checkToken = async (user: string, organization: string, name: string) => {
    const owner = await access.authenticateSession((await access.signIn(user)).cookie);
    assert.ok(owner);
    const checks = { organization, names: [name] };
    const made = await access.createToken(owner, { name: 'ci', expiresInDays: 1, checks });
    assert.ok(made.ok);
    return made.value.token;
  };
  const revoked = await token(false);
  await access.deleteToken(boss, revoked.id);
  const bearer = (value: string) => ({ host, authorization: `Bearer ${value}` });
  return {
    anonymous: { host },
    expiredSession: expired,
    revokedToken: bearer(revoked.token),
    readOnlyToken: bearer((await token(true)).token),
    checkToken: bearer(await checkToken(users.checkToken, 'acme', 'scan')),
    otherCheckToken: bearer(await checkToken(users.otherCheckToken, 'acme', 'other')),
    foreignCheckToken: bearer(await checkToken(users.foreignCheckToken, 'globex', 'scan')),
    foreignAdmin: await kit.browser(users.foreignAdmin),
    pendingMember: await kit.browser(users.pendingMember),
    viewer: await kit.browser(users.viewer),
    developer: await kit.browser(users.developer),
    limitedDeveloper: await kit.browser(users.limitedDeveloper),
    glassBreaker: await kit.browser(users.glassBreaker),
    orgAdmin: await kit.browser(users.orgAdmin),
    sovereignAdmin: await kit.browser(users.sovereignAdmin),
  };
}

async function readOperations(): Promise<Operation[]> {
  const document = JSON.parse(await buildOpenApi()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ id: operationId, method, path })),
  );
}

function rowOf({ id }: Operation): Row {
  const row = table[id];
  assert.ok(row, `${id} is missing in the table`);
  return row;
}

async function ask(operation: Operation, row: Row, caller: Caller, organization = 'acme', garbage = false) {
  const params: Record<string, string> = {
    organization,
    environment: `${organization}-dev`,
    ...row.params,
    ...(await row.prepare?.(kit, users[caller])),
  };
  const path = operation.path.replace(/\{(\w+)\}/g, (_all, name: string) => params[name] ?? 'none');
  const body = garbage ? { garbage: true } : row.body?.(caller);
  if (row.endless) return askEndless(path, headers[caller]);
  const response = await kit.app.inject({
    method: operation.method.toUpperCase() as 'GET',
    url: garbage || !row.query ? path : `${path}?${row.query}`,
    headers: headers[caller],
    ...(body && operation.method !== 'get' ? { payload: body } : {}),
  });
  return toAnswer(response.statusCode, response.body, response.headers);
}

/** Reads the whole of a refusal, and only the head of what would go on for ever. */
async function askEndless(path: string, sent: Record<string, string>) {
  const aborter = new AbortController();
  const response = await fetch(`${kit.origin}${path}`, { headers: sent, signal: aborter.signal });
  const body = response.status === 200 ? '' : await response.text();
  aborter.abort();
  return toAnswer(response.status, body, Object.fromEntries(response.headers));
}

function toAnswer(status: number, body: string, received: Readonly<Record<string, unknown>>) {
  const { date: _date, 'x-request-id': _id, ...rest } = received;
  // A limit's counters follow the caller, not the name that was asked for.
  const kept = Object.entries(rest).filter(([name]) => !name.startsWith('x-ratelimit'));
  return { status, body, headers: Object.fromEntries(kept) };
}

function verdictOf(status: number, row: Row): Verdict | number {
  if (status === row.want) return 'allow';
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'denied';
  if (status === 404) return 'hidden';
  return status;
}
