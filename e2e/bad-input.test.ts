import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import type { ProblemDocument } from '@catalyst/model/api/problem-document.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { badPushes } from './kit/bad-pushes.ts';
import type { Client } from './kit/client.ts';
import { clone, commitAndPush, git, gitMeanwhile } from './kit/git.ts';
import { ensureImages } from './kit/images.ts';
import { invite } from './kit/people.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

const environment = 'acme-dev';

describe('bad input gets a clear answer, and the rest goes on', { timeout: 400_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;
  let work: string;
  const folders: string[] = [];

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'prod'] });
    await install('hello', webApp('one'));
    await running('hello');
    work = workTree();
  });
  after(async () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    await sovereign.destroy();
  });

  const path = (rest: string) => `/v1/environments/${environment}${rest}`;
  const install = (application: string, values: JsonObject) =>
    client.change(environment, { action: 'install', application, blueprint: 'bp-web-app', values });
  const running = (name: string, timeoutMs?: number) =>
    client.waitFor(environment, name, (view) => view.state === 'Running', timeoutMs);
  const serves = async (name: string) =>
    (await fetchLocal(sovereign.port, `${name}.${environment}.localhost`, '/')).body.trim();
  const workTree = () => {
    const folder = clone(sovereign, client.token, 'acme/hello', 'develop');
    folders.push(join(folder, '..'));
    return folder;
  };
  const head = () => git(work, 'ls-remote', 'origin', 'refs/heads/develop').output.slice(0, 40);
  const ask = (method: string, target: string, headers: Record<string, string>, body?: string) =>
    fetchLocal(sovereign.port, 'localhost', target, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
  const problemOf = (body: string) => JSON.parse(body) as ProblemDocument;

  describe('names and values', () => {
    const organizations: readonly (readonly [string, number, string])[] = [
      ['ab', 422, 'InvalidName'],
      ['Acme', 422, 'InvalidName'],
      ['a--b', 422, 'InvalidName'],
      ['acme-', 422, 'InvalidName'],
      ['1acme', 422, 'InvalidName'],
      ['../acme', 422, 'InvalidName'],
      ['äcme', 422, 'InvalidName'],
      ['a'.repeat(33), 422, 'InvalidName'],
      ['system', 422, 'ReservedName'],
      ['catalog', 422, 'ReservedName'],
      ['kube-things', 422, 'ReservedName'],
      ['acme-dev', 422, 'ReservedName'],
      ['acme', 409, 'NameTaken'],
    ];
    for (const [name, status, code] of organizations)
      it(`an Organization is not named ${name.slice(0, 12)}: ${code}`, async () => {
        const answer = await client.call('POST', '/v1/organizations', { name, environments: ['dev'] });
        assert.equal(answer.status, status, answer.body);
        assert.equal(problemOf(answer.body).problems[0]?.code, code);
        assert.equal(problemOf(answer.body).problems[0]?.field, 'name');
      });

    const bad: readonly (readonly [string, PlanRequest, string, RegExp])[] = [
      ['a taken name', named('hello'), 'NameTaken', /application/],
      ['a reserved name', named('flux-system'), 'ReservedName', /application/],
      ['a wrong port', { ...named('fresh'), values: webApp('x', { port: 0 }) }, 'InvalidConfig', /port/],
      [
        'an unknown value',
        { ...named('fresh'), values: webApp('x', { nonsense: 1 }) },
        'InvalidConfig',
        /nonsense/,
      ],
      [
        'a value deep inside',
        { ...named('fresh'), values: webApp('x', { volume: { size: '1 TB' } }) },
        'InvalidConfig',
        /volume.*size/,
      ],
      [
        'an unknown Blueprint',
        { ...named('fresh'), blueprint: 'bp-nothing' },
        'UnknownBlueprint',
        /blueprint/,
      ],
      ['an unknown version', { ...named('fresh'), version: '99.0.0' }, 'UnknownVersion', /version/],
      [
        'an Application that is not there',
        { action: 'restart', application: 'nobody' },
        'NotFound',
        /application|^$/,
      ],
    ];
    function named(application: string) {
      return { action: 'install', application, blueprint: 'bp-web-app', values: webApp('x') } as const;
    }
    for (const [name, request, code, field] of bad)
      it(`a plan with ${name} says ${code} and cannot be applied`, async () => {
        const answer = await client.call('POST', path('/plans'), request);
        const found = JSON.parse(answer.body) as { id?: string; problems: ProblemDocument['problems'] };
        assert.ok(answer.status === 201 || answer.status === 404, answer.body);
        assert.ok(
          found.problems.some((problem) => field.test(problem.field ?? '')),
          JSON.stringify(found.problems),
        );
        if (found.id)
          assert.equal((await client.call('POST', path(`/plans/${found.id}/apply`))).status, 404, code);
      });

    it('a name off the rules does not even become a plan', async () => {
      for (const application of ['H', 'a', 'UPPER', '../etc', 'a'.repeat(41), 'x--y', '-x', 'x\n'])
        assert.equal(
          (await client.call('POST', path('/plans'), named(application))).status,
          422,
          application,
        );
    });
  });

  describe('requests', () => {
    it('that are nonsense get a problem document and nothing else happens', async () => {
      const authorization = `Bearer ${client.token}`;
      const json = { authorization, 'content-type': 'application/json' };
      const requests: readonly (readonly [string, Record<string, string>, string, number])[] = [
        ['broken JSON', json, '{"action":', 400],
        ['no JSON', json, 'action=install', 400],
        ['an empty body', json, '', 400],
        ['null', json, 'null', 422],
        ['an array', json, '[]', 422],
        ['another type', { authorization, 'content-type': 'text/plain' }, 'x', 415],
        ['a form', { authorization, 'content-type': 'application/x-www-form-urlencoded' }, 'a=b', 415],
        ['YAML', { authorization, 'content-type': 'application/yaml' }, 'action: install', 415],
        ['an unknown field', json, '{"action":"restart","application":"hello","force":true}', 422],
        ['prototypes', json, '{"__proto__":{"action":"restart"}}', 400],
        ['2 MB', json, JSON.stringify({ action: 'restart', application: 'x'.repeat(2_000_000) }), 413],
      ];
      for (const [name, headers, body, status] of requests) {
        const answer = await ask('POST', path('/plans'), headers, body);
        assert.equal(answer.status, status, `${name}: ${answer.body}`);
        assert.match(String(answer.headers['content-type']), /^application\/problem\+json/, name);
      }
    });

    it('with forged, expired and revoked tokens are refused alike, for API and Git', async () => {
      const person = await invite(sovereign, client, 'acme', 'tara', { role: 'org-viewer' });
      const gone = await invite(sovereign, client, 'acme', 'rolf', { role: 'org-viewer' });
      expire(person.id);
      const session = await gone.signIn();
      const cookie = { cookie: `catalyst_session=${session}`, origin: sovereign.url };
      const { items } = JSON.parse((await ask('GET', '/v1/tokens', cookie)).body) as {
        items: { id: string }[];
      };
      await ask('DELETE', `/v1/tokens/${items[0]?.id}`, cookie);
      const last = client.token.slice(-1) === '0' ? '1' : '0';
      const forged = [
        'cat_',
        'nonsense',
        `${client.token}0`,
        client.token.slice(0, -1) + last,
        client.token.toUpperCase(),
        `cat_${'0'.repeat(48)}`,
        person.client.token,
        gone.client.token,
      ];
      const answers = [];
      for (const token of forged) {
        const api = await ask('GET', '/v1/me', { authorization: `Bearer ${token}` });
        assert.equal(api.status, 401, token);
        const basic = { authorization: `Basic ${Buffer.from(`me:${token}`).toString('base64')}` };
        const overGit = await ask('GET', '/git/acme/hello.git/info/refs?service=git-upload-pack', basic);
        assert.equal(overGit.status, 401, token);
        answers.push(api.body + overGit.body);
      }
      assert.equal(new Set(answers).size, 1, 'none tells why');
      assert.equal((await ask('GET', '/v1/me', { cookie: 'catalyst_session=forged' })).status, 401);
    });

    it('that are refused before their body was read still get the refusal', async () => {
      const headers = { authorization: 'Bearer cat_nonsense', 'content-type': 'application/json' };
      const body = JSON.stringify({ action: 'restart', application: 'hello' });
      for (let turn = 0; turn < 50; turn += 1)
        assert.equal((await ask('POST', path('/plans'), headers, body)).status, 401);
    });
  });

  /** Makes the tokens of somebody as old as if a day had passed. */
  function expire(user: string): void {
    const database = new DatabaseSync(join(sovereign.dataDirectory, 'database.sqlite'));
    try {
      database.exec('PRAGMA busy_timeout = 5000');
      const changed = database
        .prepare(
          "UPDATE t_access_tokens SET row = json_set(row, '$.expires', 1) WHERE json_extract(row, '$.user') = ?",
        )
        .run(user);
      assert.equal(changed.changes, 1);
    } finally {
      database.close();
    }
  }

  describe('a push', () => {
    for (const { name, make, says } of badPushes)
      it(`with ${name} is refused on the terminal and moves nothing`, () => {
        const before_ = head();
        const made = make(work);
        const pushed =
          made === undefined
            ? commitAndPush(work, `Push ${name}`)
            : git(work, 'push', 'origin', `${made}:refs/heads/develop`);
        git(work, 'reset', '--quiet', '--hard', 'origin/develop');
        git(work, 'clean', '--quiet', '-fd');
        assert.notEqual(pushed.status, 0, pushed.output);
        assert.match(pushed.output, says);
        assert.equal(head(), before_);
      });

    it('that goes back or deletes the branch of an Environment is refused', () => {
      writeFileSync(join(work, 'README.md'), 'Hello.\n');
      assert.equal(commitAndPush(work, 'Say hello').status, 0);
      const before_ = head();
      for (const args of [
        ['--force', 'origin', 'HEAD~1:refs/heads/develop'],
        ['origin', ':refs/heads/develop'],
        ['origin', ':refs/heads/main'],
        ['origin', 'HEAD:refs/catalyst/own'],
      ]) {
        const pushed = git(work, 'push', ...args);
        assert.notEqual(pushed.status, 0, args.join(' '));
        assert.match(pushed.output, /remote:|remote rejected/, pushed.output);
      }
      assert.equal(head(), before_);
    });

    it('of 150 MB is refused without filling the disk, while others are served', async () => {
      const big = workTree();
      for (let part = 0; part < 3; part += 1)
        writeFileSync(join(big, `random-${part}.bin`), randomBytes(50_000_000));
      git(big, '-c', 'core.compression=0', 'add', '-A');
      git(big, '-c', 'core.compression=0', 'commit', '--quiet', '-m', 'Too much');
      // du ends with 1 where a folder goes away under its feet, and still prints the sum.
      const sizeMb = () =>
        Number(spawnSync('du', ['-sm', sovereign.dataDirectory], { encoding: 'utf8' }).stdout.split('\t')[0]);
      const [before_, revision] = [sizeMb(), head()];
      let peak = 0;
      const watch = setInterval(() => {
        peak = Math.max(peak, sizeMb());
      }, 300);
      const [pushed, page] = await Promise.all([
        gitMeanwhile(big, '-c', 'core.compression=0', '-c', 'pack.window=0', 'push', '--quiet'),
        serves('hello'),
      ]);
      clearInterval(watch);
      assert.notEqual(pushed.status, 0, pushed.output);
      assert.match(pushed.output, /100|too large|exceeds/i, pushed.output);
      assert.equal(page, 'one');
      assert.equal(head(), revision);
      assert.ok(peak - before_ <= 110, `${peak - before_} MB were taken meanwhile`);
      await until('nothing of it is left', () => sizeMb() - before_ <= 2, 10_000, sizeMb);
    });

    it('in no words of Git is refused', async () => {
      const authorization = `Basic ${Buffer.from(`me:${client.token}`).toString('base64')}`;
      const target = '/git/acme/hello.git/git-receive-pack';
      const type = 'application/x-git-receive-pack-request';
      for (const [body, headers] of [
        ['nonsense', { 'content-type': type }],
        ['ffff', { 'content-type': type }],
        ['0000', { 'content-type': 'text/plain' }],
        ['not gzip', { 'content-type': type, 'content-encoding': 'gzip' }],
        ['0000', { 'content-type': type, 'content-encoding': 'br' }],
      ] as const) {
        const answer = await ask('POST', target, { authorization, ...headers }, body);
        assert.ok(answer.status < 500, `${body}: ${answer.status} ${answer.body}`);
      }
      assert.equal((await client.call('GET', '/readyz')).status, 200);
    });

    it('that is good is taken after all of that', async () => {
      writeFileSync(
        join(work, 'overlays/dev/values.yaml'),
        'environment: [{ name: GREETING, value: two }]\n',
      );
      const pushed = commitAndPush(work, 'Say two');
      assert.deepEqual(pushed, { status: 0, output: '' }, 'and nothing disturbs');
      await until('it is served', async () => (await serves('hello')) === 'two');
    });
  });
});
