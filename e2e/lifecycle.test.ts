import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { DeletionView } from '@catalyst/model/api/organizations.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Client } from './kit/client.ts';
import { containersOf } from './kit/engine.ts';
import { clone, commitAndPush, git } from './kit/git.ts';
import { ensureImages } from './kit/images.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, readData, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

/** Writes its greeting once into its volume and serves what lies there. */
const remember =
  '[ -f /data/mark ] || echo "$GREETING" > /data/mark; trap "exit 0" TERM; httpd -f -p 8080 -h /data & wait';
const keeping = (greeting: string) =>
  webApp(greeting, {
    args: [remember],
    volume: { enabled: true, size: '64Mi' },
    probe: { path: '/mark' },
  });

describe('the life of Applications, Environments and Organizations', { timeout: 300_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;
  const environment = 'acme-dev';
  const path = (rest = '') => `/v1/environments/${environment}${rest}`;

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'prod'] });
    await install('hello', webApp('one'));
    await running('hello');
  });
  after(async () => sovereign.destroy());

  const install = (application: string, values: JsonObject, where = environment) =>
    client.change(where, { action: 'install', application, blueprint: 'bp-web-app', values });
  const running = (
    name: string,
    where = environment,
    also: (view: ApplicationView) => boolean = () => true,
  ) => client.waitFor(where, name, (view) => view.state === 'Running' && also(view));
  const gone = (name: string, where = environment) =>
    until(
      `${name} is gone`,
      async () => (await client.call('GET', `/v1/environments/${where}/applications/${name}`)).status === 404,
    );
  const containers = async (application: string) => {
    const { sovereignId } = JSON.parse(readData(sovereign, 'settings.json')) as { sovereignId: string };
    return (await containersOf(sovereignId)).filter((container) => container.application === application);
  };
  const volumes = async () =>
    (
      await client.json<{ items: { application: string; claim: string; inUse: boolean }[] }>(
        'GET',
        path('/volumes'),
      )
    ).items;
  const head = (application: string, branch = 'develop') =>
    git(clone(sovereign, client.token, `acme/${application}`, branch), 'rev-parse', 'HEAD').output.trim();
  const serves = async (name: string, file = '/') =>
    (await fetchLocal(sovereign.port, `${name}.${environment}.localhost`, file)).body.trim();

  describe('data volumes', () => {
    it('are kept when the Application is uninstalled, listed, and taken again by a new installation', async () => {
      await install('keeper', keeping('first'));
      await running('keeper');
      assert.equal(await serves('keeper', '/mark'), 'first');
      const plan = await client.plan(environment, { action: 'uninstall', application: 'keeper' });
      const [volume] = (await volumes()).filter(({ application }) => application === 'keeper');
      assert.equal(volume?.inUse, true);
      assert.ok(
        plan.consequences.some(
          (sentence) => sentence.includes(volume?.claim ?? '?') && /kept/i.test(sentence),
        ),
        `the plan says what is kept: ${JSON.stringify(plan.consequences)}`,
      );
      await client.apply(environment, plan);
      await gone('keeper');
      await until('the volume is free', async () =>
        (await volumes()).some((entry) => entry.claim === volume?.claim && !entry.inUse),
      );

      await install('keeper', keeping('second'));
      await running('keeper');
      assert.equal(await serves('keeper', '/mark'), 'first');
    });

    it('are not deleted while in use, nor by a wrong name, and go by name with the uninstall', async () => {
      const [volume] = (await volumes()).filter(({ application }) => application === 'keeper');
      const claim = volume?.claim ?? '';
      const used = await client.call('DELETE', path(`/volumes/keeper/${claim}`));
      assert.equal(used.status, 409, used.body);
      assert.equal((await client.call('DELETE', path('/volumes/keeper/other'))).status, 404);
      assert.equal((await client.call('DELETE', path(`/volumes/keeper/..%2f..%2fhello`))).status, 404);
      const wrong = await client.plan(environment, {
        action: 'uninstall',
        application: 'keeper',
        deleteVolumes: ['other'],
      });
      assert.notDeepEqual(wrong.problems, [], 'a name that no volume has is a mistake');

      await client.change(environment, {
        action: 'uninstall',
        application: 'keeper',
        deleteVolumes: [claim],
      });
      await gone('keeper');
      await until('the volume is gone', async () => (await volumes()).length === 0);
      assert.equal(existsSync(join(sovereign.dataDirectory, 'volumes', environment, 'keeper', claim)), false);
    });

    it('that were kept are deleted by name', async () => {
      await install('brief', keeping('x'));
      await running('brief');
      await client.change(environment, { action: 'uninstall', application: 'brief' });
      await gone('brief');
      await until('the volume is free', async () => (await volumes())[0]?.inUse === false);
      const [volume] = await volumes();
      assert.equal((await client.call('DELETE', path(`/volumes/brief/${volume?.claim}`))).status, 204);
      assert.deepEqual(await volumes(), []);
    });
  });

  describe('an Application', () => {
    it('is paused with everything stopped, and resumed', async () => {
      await client.change(environment, { action: 'configure', application: 'hello', paused: true });
      const paused = await client.waitFor(environment, 'hello', (view) => view.state === 'Paused');
      assert.equal(paused.paused, true);
      await until('no container runs', async () => (await containers('hello')).length === 0);
      const page = await fetchLocal(sovereign.port, 'hello.acme-dev.localhost', '/');
      assert.equal(page.status, 503);
      assert.match(page.body, /paused/i);
      const restart = await client.plan(environment, { action: 'restart', application: 'hello' });
      assert.equal(restart.problems[0]?.code, 'Paused');

      await client.change(environment, { action: 'configure', application: 'hello', paused: false });
      await running('hello');
      assert.equal(await serves('hello'), 'one');
    });

    it('is scaled to zero: it does not run, and its visitors are told', async () => {
      const { values } = (await client.application(environment, 'hello')) as unknown as {
        values: JsonObject;
      };
      await client.change(environment, {
        action: 'configure',
        application: 'hello',
        values: { ...values, replicas: 0 },
      });
      const atZero = await client.waitFor(
        environment,
        'hello',
        (view) => view.why?.reason === 'ScaledToZero' && view.pods.desired === 0,
      );
      assert.deepEqual([atZero.state, atZero.paused, atZero.why?.actor], ['Paused', false, 'org-developer']);
      const why = await client.json<{ deployed: boolean; message: string }>(
        'GET',
        path('/applications/hello/why'),
      );
      assert.equal(why.deployed, false);
      assert.match(why.message, /scaled to zero.*Set replicas to 1 or more/);
      await until('no container runs', async () => (await containers('hello')).length === 0);
      await until('visitors are told', async () => {
        const page = await fetchLocal(sovereign.port, 'hello.acme-dev.localhost', '/');
        return page.status === 503 && /scaled to zero/.test(page.body);
      });
      await client.change(environment, { action: 'configure', application: 'hello', values });
      await running('hello');
      assert.equal(await serves('hello'), 'one');
    });

    it('is restarted by a commit: new Pods, and no moment without an answer', async () => {
      const before_ = (await running('hello')).instances.map((pod) => pod.name);
      await client.change(environment, { action: 'restart', application: 'hello' });
      let asked = 0;
      await until('the Pods are new', async () => {
        assert.equal(await serves('hello'), 'one');
        asked += 1;
        const view = await client.application(environment, 'hello');
        return view.state === 'Running' && view.instances.every((pod) => !before_.includes(pod.name));
      });
      assert.ok(asked > 0);
      const { items } = await client.json<{ items: { message: string }[] }>(
        'GET',
        path('/applications/hello/history'),
      );
      assert.match(items[0]?.message ?? '', /^Restart hello/);
    });

    it('is configured by API into a hand-written overlay, whose comments stay', async () => {
      const work = clone(sovereign, client.token, 'acme/hello', 'develop');
      const file = join(work, 'overlays/dev/values.yaml');
      writeFileSync(
        file,
        `# Why we differ here: ticket 42.
environment: # what the page says
  - name: GREETING
    value: by hand # do not shout
resources:
  # Measured on a Tuesday.
  memory: 64Mi
`,
      );
      const pushed = commitAndPush(work, 'By hand');
      assert.equal(pushed.status, 0, pushed.output);
      await running('hello', environment, (view) => view.lastChange?.message.startsWith('By hand') === true);
      assert.equal(await serves('hello'), 'by hand');

      const { values } = (await client.application(environment, 'hello')) as unknown as {
        values: JsonObject;
      };
      const wanted = { ...values, resources: { ...(values.resources as JsonObject), memory: '80Mi' } };
      await client.change(environment, { action: 'configure', application: 'hello', values: wanted });
      await running('hello', environment, (view) => view.lastChange?.surface === 'api');
      assert.equal(await serves('hello'), 'by hand');
      assert.equal(git(work, 'pull', '--quiet').status, 0);
      const text = readFileSync(file, 'utf8');
      for (const line of [
        '# Why we differ here: ticket 42.',
        '# what the page says',
        'value: by hand # do not shout',
        '# Measured on a Tuesday.',
        'memory: 80Mi',
      ])
        assert.ok(text.includes(line), `${line} is in\n${text}`);
      assert.ok(!text.includes('image:'), 'what base says already is not repeated');
    });
  });

  describe('a plan', () => {
    const configure = async (greeting: string) =>
      client.plan(environment, {
        action: 'configure',
        application: 'hello',
        values: webApp(greeting),
      });

    it('that is out of date is refused, names what moved, and changes nothing', async () => {
      const stale = await configure('stale');
      await client.apply(environment, await configure('fresh'));
      const after_ = head('hello');
      const refused = await client.call('POST', path(`/plans/${stale.id}/apply`));
      assert.equal(refused.status, 409, refused.body);
      const problem = JSON.parse(refused.body) as { code: string; detail: string };
      assert.equal(problem.code, 'Stale');
      assert.match(problem.detail, /hello/);
      assert.equal(head('hello'), after_);
      await until('the fresh one is served', async () => (await serves('hello')) === 'fresh');
    });

    it('is carried out once, however often and at the same time it is applied', async () => {
      const plan = await configure('once');
      const url = path(`/plans/${plan.id}/apply`);
      const answers = await Promise.all([1, 2, 3].map(() => client.call('POST', url)));
      answers.push(await client.call('POST', url));
      for (const answer of answers) {
        assert.equal(answer.status, 202, answer.body);
        assert.equal(answer.body, answers[0]?.body);
      }
      const { commits } = JSON.parse(answers[0]?.body ?? '') as { commits: { revision: string }[] };
      assert.equal(head('hello'), commits[0]?.revision);
    });

    it('belongs to its Environment', async () => {
      const plan = await configure('elsewhere');
      const answer = await client.call('POST', `/v1/environments/acme-prod/plans/${plan.id}/apply`);
      assert.equal(answer.status, 404, answer.body);
    });
  });

  describe('deleting', () => {
    it('an Environment says first what is lost, wants its exact name, and leaves the others alone', async () => {
      await client.json('POST', '/v1/organizations/acme/environments', { envType: 'stg' });
      await install('hello2', keeping('staged'), 'acme-stg');
      await running('hello2', 'acme-stg');
      const url = '/v1/organizations/acme/environments/acme-stg';
      const preview = await client.json<DeletionView>('GET', `${url}/deletion`);
      assert.deepEqual(preview.environments, ['acme-stg']);
      assert.deepEqual(preview.applications, ['acme-stg/hello2']);
      assert.deepEqual(preview.repositories, []);
      assert.deepEqual(
        preview.volumes.map((volume) => [volume.environment, volume.application]),
        [['acme-stg', 'hello2']],
      );
      for (const query of ['', '?confirm=', '?confirm=acme', '?confirm=ACME-STG', '?confirm=acme-stg%20']) {
        const refused = await client.call('DELETE', url + query);
        assert.equal(refused.status, 422, `${query}: ${refused.status} ${refused.body}`);
      }
      await running('hello2', 'acme-stg');

      assert.equal((await client.call('DELETE', `${url}?confirm=acme-stg`)).status, 204);
      await until('the Environment is gone', async () => (await client.call('GET', url)).status === 404);
      assert.deepEqual(await containers('hello2'), []);
      const [claim] = preview.volumes.map((volume) => volume.claim);
      assert.equal(existsSync(join(sovereign.dataDirectory, 'volumes/acme-stg/hello2', claim ?? '')), false);
      assert.equal((await fetchLocal(sovereign.port, 'hello2.acme-stg.localhost', '/')).status, 421);
      const work = clone(sovereign, client.token, 'acme/hello2', 'staging');
      assert.equal(existsSync(join(work, 'base/application.yaml')), false);
      assert.equal(await serves('hello'), 'once');
    });

    it('an Organization takes all of it and nothing else, and the name can be used again', async () => {
      await client.json('POST', '/v1/organizations', { name: 'brief', environments: ['dev'] });
      await install('mayfly', keeping('short'), 'brief-dev');
      await running('mayfly', 'brief-dev');
      const url = '/v1/organizations/brief';
      const preview = await client.json<DeletionView>('GET', `${url}/deletion`);
      assert.deepEqual(preview.environments, ['brief-dev']);
      assert.deepEqual(preview.applications, ['brief-dev/mayfly']);
      assert.deepEqual(preview.repositories, ['brief/mayfly']);
      assert.equal(preview.volumes.length, 1);
      assert.equal((await client.call('DELETE', `${url}?confirm=acme`)).status, 422);

      const late = await client.plan('brief-dev', {
        action: 'install',
        application: 'latecomer',
        blueprint: 'bp-web-app',
        values: webApp('late', { replicas: 0 }),
      });
      assert.equal((await client.call('DELETE', `${url}?confirm=brief`)).status, 204);
      const refused = await client.call('POST', `/v1/environments/brief-dev/plans/${late.id}/apply`);
      assert.match(
        refused.body,
        /being deleted/,
        'what is acknowledged would be lost, or outlive its Organization',
      );
      await until('the Organization is gone', async () => (await client.call('GET', url)).status === 404);
      assert.deepEqual(await containers('mayfly'), []);
      assert.throws(() => clone(sovereign, client.token, 'brief/mayfly', 'develop'), /not found|no such/i);
      assert.equal(existsSync(join(sovereign.dataDirectory, 'repositories/brief/mayfly.git')), false);
      assert.equal(existsSync(join(sovereign.dataDirectory, 'repositories/brief/latecomer.git')), false);
      assert.equal(await serves('hello'), 'once');

      await client.json('POST', '/v1/organizations', { name: 'brief', environments: ['dev'] });
      await install('mayfly', keeping('anew'), 'brief-dev');
      await running('mayfly', 'brief-dev');
      const page = await fetchLocal(sovereign.port, 'mayfly.brief-dev.localhost', '/mark');
      assert.equal(page.body.trim(), 'anew');
    });

    it('by a push says the same, wants the exact name, and leaves nothing to a namesake', async () => {
      const config = clone(sovereign, client.token, 'system/catalyst-config', 'main');
      const remove = (...paths: string[]) => {
        assert.equal(git(config, 'rm', '-q', ...paths).status, 0);
        assert.equal(git(config, 'commit', '-q', '-m', 'Remove it').status, 0);
      };
      const url = '/v1/organizations/brief';
      const absent = (path: string) =>
        until(`${path} is gone`, async () => (await client.call('GET', path)).status === 404);

      const preview = await client.json<DeletionView>('GET', `${url}/environments/brief-dev/deletion`);
      const [claim] = preview.volumes.map((volume) => volume.claim);
      const kept = join(sovereign.dataDirectory, 'volumes/brief-dev/mayfly', claim ?? '?');
      assert.ok(existsSync(kept));
      remove('environments/brief-dev.yaml');
      const refused = git(config, 'push');
      assert.notEqual(refused.status, 0);
      assert.match(refused.output, /brief-dev\/mayfly.*data volume.*\n.*\n.*-o delete=brief-dev/);
      await running('mayfly', 'brief-dev');
      const pushed = git(config, 'push', '-o', 'delete=brief-dev');
      assert.equal(pushed.status, 0, pushed.output);
      await absent(`${url}/environments/brief-dev`);
      assert.deepEqual(await containers('mayfly'), []);
      assert.equal(existsSync(kept), false);

      assert.equal(git(config, 'revert', '--no-edit', 'HEAD').status, 0);
      const back = git(config, 'push');
      assert.equal(back.status, 0, back.output);
      await until(
        'it is back',
        async () => (await client.call('GET', `${url}/environments/brief-dev`)).status === 200,
      );
      await install('butterfly', keeping('short'), 'brief-dev');
      await running('butterfly', 'brief-dev');

      remove('organizations/brief.yaml', 'environments/brief-dev.yaml');
      assert.match(git(config, 'push').output, /brief\/butterfly, brief\/mayfly/);
      const gone = git(config, 'push', '-o', 'delete=brief');
      assert.equal(gone.status, 0, gone.output);
      await absent(url);
      assert.throws(() => clone(sovereign, client.token, 'brief/mayfly', 'develop'), /not found|no such/i);
      await client.json('POST', '/v1/organizations', { name: 'brief', environments: ['dev'] });
      const { repositories, volumes: left } = await client.json<DeletionView>('GET', `${url}/deletion`);
      assert.deepEqual([repositories, left], [[], []]);

      const hello = clone(sovereign, client.token, 'acme/hello', 'develop');
      assert.equal(git(hello, 'commit', '-q', '--allow-empty', '-m', 'Nothing').status, 0);
      assert.match(git(hello, 'push', '-o', 'delete=acme').output, /Push here without it/);
    });
  });
});
