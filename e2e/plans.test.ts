import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { BlastRadius, ProposedUpgrades, UpgradePath } from '@catalyst/model/api/upgrades.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import { putBlueprint } from './kit/catalog-folder.ts';
import { admin, type Client } from './kit/client.ts';
import { clone, commitAndPush, git } from './kit/git.ts';
import { ensureImages } from './kit/images.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

const greeter = 'bp-greeter';
const environment = 'acme-dev';
/** A busy machine may take its time; what is measured has limits of its own. */
const patienceMs = 120_000;

describe('plans, as precise as what then happens', { timeout: 600_000 }, () => {
  let sovereign: Sovereign;
  let client: Client;

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    // Versions whose objects do not tell which one they are of.
    const plain = (text: string) =>
      text.replace(/^.*(?:app.kubernetes.io\/version|helm.sh\/chart): .*\n/gm, '');
    const slower = (text: string) =>
      plain(text).replace('terminationGracePeriodSeconds: 30', 'terminationGracePeriodSeconds: 25');
    const put = (version: string, edit: (text: string) => string, spec?: string) =>
      putBlueprint(sovereign, { name: greeter, version, edit, ...(spec === undefined ? {} : { spec }) });
    put('1.0.0', plain);
    put('1.0.1', plain);
    put('1.1.0', slower, 'upgrades: {from: ["1.0.x"]}');
    put('2.0.0', slower, 'upgrades: {from: ["1.1.x"], blocks: ["1.0.1"]}');
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev'] });
  });
  after(async () => sovereign.destroy());

  const plan = (request: PlanRequest) => client.plan(environment, request);
  const running = (name: string) =>
    client.waitFor(
      environment,
      name,
      (view) => view.state === 'Running' && view.revision === view.appliedRevision,
      patienceMs,
    );
  const serves = async (name: string) =>
    (await fetchLocal(sovereign.port, `${name}.${environment}.localhost`, '/')).body.trim();
  const head = (application: string) =>
    git(clone(sovereign, client.token, `acme/${application}`, 'develop'), 'rev-parse', 'HEAD').output.trim();
  const refusal = async (made: Plan) => {
    const answer = await client.call('POST', `/v1/environments/${environment}/plans/${made.id}/apply`);
    return { status: answer.status, ...(JSON.parse(answer.body) as { code: string; detail: string }) };
  };
  const install = (application: string, values: JsonObject, version = '1.0.0') =>
    client.change(environment, { action: 'install', application, blueprint: greeter, version, values });
  const configure = (application: string, values: JsonObject, basedOn?: string) =>
    plan({ action: 'configure', application, values, ...(basedOn === undefined ? {} : { basedOn }) });

  it('say before an install what is made, what it takes, and what they were made from', async () => {
    const made = await plan({
      action: 'install',
      application: 'hello',
      blueprint: greeter,
      version: '1.0.0',
      values: webApp('one', { replicas: 2, resources: { cpu: '250m', memory: '64Mi' } }),
    });
    assert.deepEqual(made.problems, []);
    const [part] = made.applications;
    const kinds = part?.objects.map(({ change, kind }) => `${change} ${kind}`) ?? [];
    for (const kind of ['Deployment', 'Service', 'Ingress'])
      assert.ok(kinds.includes(`create ${kind}`), kinds.join());
    assert.equal(part?.resources.memoryBytes, 2 * 64 * 2 ** 20);
    assert.deepEqual(made.resources?.before, { cpuMillis: 0, memoryBytes: 0, storageBytes: 0 });
    assert.deepEqual(made.pins, [{ repository: 'acme/hello', branch: 'develop', head: null }]);
    assert.equal(made.policy?.protected, false);
    assert.equal(
      (await client.call('GET', `/v1/environments/${environment}/applications/hello`)).status,
      404,
    );
    await client.apply(environment, made);
    await running('hello');
  });

  it('say field by field what a change does to what runs, and nothing happens until then', async () => {
    const at = head('hello');
    const made = await configure(
      'hello',
      webApp('two', { replicas: 2, resources: { cpu: '250m', memory: '96Mi' } }),
    );
    const [part] = made.applications;
    assert.deepEqual(
      part?.objects.map(({ change, kind, name }) => [change, kind, name]),
      [['change', 'Deployment', 'web']],
    );
    const fields = new Map(part?.objects[0]?.fields?.map(({ path, ...values }) => [path, values]));
    assert.deepEqual(fields.get('spec.template.spec.containers[web].env[GREETING].value'), {
      before: 'one',
      after: 'two',
    });
    assert.deepEqual(fields.get('spec.template.spec.containers[web].resources.limits.memory'), {
      before: '64Mi',
      after: '96Mi',
    });
    assert.deepEqual(
      part?.restarts?.map(({ name, how, interruption }) => [name, how, interruption]),
      [['web', 'rolling', false]],
    );
    assert.equal(part?.resourcesBefore?.memoryBytes, 2 * 64 * 2 ** 20);
    assert.equal(part?.resources.memoryBytes, 2 * 96 * 2 ** 20);
    assert.equal(part?.drift, undefined);
    assert.equal(head('hello'), at);
    assert.equal(await serves('hello'), 'one');

    const scaled = await configure(
      'hello',
      webApp('one', { replicas: 3, resources: { cpu: '250m', memory: '64Mi' } }),
    );
    assert.equal(scaled.applications[0]?.restarts, undefined, 'more Pods leave those that run alone');
    assert.match(scaled.consequences.join(' '), /from 2 to 3/);
  });

  it('that are out of date are refused with what moved, from where to where, and by whom', async () => {
    const stale = await configure('hello', webApp('stale'));
    const from = head('hello');
    await client.apply(environment, await configure('hello', webApp('fresh')));
    const to = head('hello');
    const { status, code, detail } = await refusal(stale);
    assert.deepEqual([status, code], [409, 'Stale']);
    for (const words of ['acme/hello', 'develop', from.slice(0, 7), to.slice(0, 7), admin.name])
      assert.ok(detail.includes(words), `${words} in: ${detail}`);
    assert.equal(head('hello'), to);
    await until('the fresh one is served', async () => (await serves('hello')) === 'fresh', patienceMs);
  });

  it('are refused when the package of their Blueprint is another one by now', async () => {
    const folder = putBlueprint(sovereign, { name: greeter, version: '1.0.9' });
    const digest = async () =>
      JSON.parse((await client.call('GET', `/v1/blueprints/${greeter}?version=1.0.9`)).body) as {
        digest?: string;
      };
    await until('the version is there', async () => (await digest()).digest !== undefined);
    const made = await plan({
      action: 'install',
      application: 'later',
      blueprint: greeter,
      version: '1.0.9',
      values: webApp('later'),
    });
    assert.deepEqual(made.problems, []);
    const before_ = (await digest()).digest;
    const values = join(folder, 'chart/values.yaml');
    writeFileSync(values, `${readFileSync(values, 'utf8')}\n# More words.\n`);
    await until('the package is another one', async () => (await digest()).digest !== before_);
    const { code, detail } = await refusal(made);
    assert.equal(code, 'Stale');
    assert.match(detail, /bp-greeter 1\.0\.9 is another package/);
  });

  describe('of a form', () => {
    it('are merged field by field with what somebody changed in the file meanwhile', async () => {
      const basedOn = head('hello');
      const { values } = (await client.application(environment, 'hello')) as unknown as {
        values: JsonObject;
      };
      const work = clone(sovereign, client.token, 'acme/hello', 'develop');
      const file = join(work, 'overlays/dev/values.yaml');
      const hand = 'value: by hand # loud\n  - name: MORE\n    value: "1"';
      writeFileSync(file, `# By hand.\n${readFileSync(file, 'utf8').replace('value: fresh', hand)}`);
      assert.equal(commitAndPush(work, 'By hand').status, 0);
      const mine = { ...values, replicas: 3 };
      const made = await configure('hello', mine, basedOn);
      assert.deepEqual(made.problems, []);
      await client.apply(environment, made);
      assert.equal(git(work, 'pull', '--quiet').status, 0);
      const text = readFileSync(file, 'utf8');
      for (const line of ['# By hand.', 'value: by hand # loud', 'name: MORE', 'replicas: 3'])
        assert.ok(text.includes(line), `${line} in\n${text}`);
    });

    it('are refused with both values where both changed the same field', async () => {
      const basedOn = head('hello');
      const { values } = (await client.application(environment, 'hello')) as unknown as {
        values: JsonObject;
      };
      const saying = (greeting: string) => ({
        ...values,
        environment: [{ name: 'GREETING', value: greeting }],
      });
      await client.apply(environment, await configure('hello', saying('theirs')));
      const made = await configure('hello', saying('mine'), basedOn);
      assert.deepEqual(
        made.problems.map(({ code, field }) => [code, field]),
        [['ConflictingEdit', 'values.environment[GREETING].value']],
      );
      for (const words of ['"by hand"', '"theirs"', '"mine"'])
        assert.ok(made.problems[0]?.message.includes(words), made.problems[0]?.message);
      const unknown = await configure('hello', saying('mine'), 'f'.repeat(40));
      assert.equal(unknown.problems[0]?.code, 'UnknownRevision');
    });
  });

  it('of a new version are refused where there is no way, and say over which there is one', async () => {
    await install('old', webApp('old', { volume: { enabled: true, size: '64Mi' } }));
    await running('old');
    const { upgrades } = (await client.application(environment, 'old')) as unknown as {
      upgrades: UpgradePath[];
    };
    const way = new Map(upgrades.map((path) => [path.version, path]));
    assert.equal(way.get('1.1.0')?.allowed, true);
    assert.match(way.get('2.0.0')?.reason ?? '', /Go over 1\.1\.0/);
    const jump = await plan({ action: 'configure', application: 'old', version: '2.0.0' });
    assert.deepEqual(
      jump.problems.map(({ code }) => code),
      ['UpgradeBlocked'],
    );
    const made = await plan({ action: 'configure', application: 'old', version: '1.1.0' });
    assert.deepEqual(made.problems, []);
    const [part] = made.applications;
    assert.equal(part?.versionBefore, '1.0.0');
    assert.match(part?.dataRisks?.[0]?.message ?? '', /backup/);
    assert.deepEqual(
      part?.restarts?.map(({ how, interruption }) => [how, interruption]),
      [['in-place', true]],
    );
    await client.apply(environment, made);
    await running('old');
    const back = await plan({ action: 'configure', application: 'old', version: '1.0.0' });
    assert.deepEqual(
      back.problems.map(({ code }) => code),
      ['DowngradeRefused'],
    );
  });

  it('of a new version for all who use the older ones are shown at once, and proposed to some', async () => {
    await install('second', webApp('second'), '1.0.1');
    await install('third', webApp('third'));
    await Promise.all([running('second'), running('third')]);
    const radius = (query: string) =>
      client.json<BlastRadius>('GET', `/v1/blueprints/${greeter}/blast-radius?${query}`);
    const all = await radius('version=1.1.0');
    assert.deepEqual(
      all.items.map(({ application, version }) => [application, version]),
      [
        ['hello', '1.0.0'],
        ['second', '1.0.1'],
        ['third', '1.0.0'],
      ],
    );
    for (const { planned, problems, path } of all.items) {
      assert.deepEqual(problems, []);
      assert.equal(path.allowed, true);
      const fields = planned?.objects.flatMap((object) => object.fields?.map((field) => field.path) ?? []);
      assert.ok(
        fields?.includes('spec.template.spec.terminationGracePeriodSeconds'),
        JSON.stringify(planned),
      );
    }
    const harmless = await radius('version=1.0.1');
    assert.equal(harmless.unchanged, 2, 'the others are of that version, or of a newer one');
    assert.deepEqual(
      harmless.items.filter(({ path }) => !path.allowed).map(({ application }) => application),
      ['old'],
    );
    const first = await radius('version=1.1.0&limit=2');
    assert.equal(first.items.length, 2);
    const rest = await radius(`version=1.1.0&limit=2&continue=${first.continue}`);
    assert.deepEqual(
      rest.items.map(({ application }) => application),
      ['third'],
    );
    assert.equal(rest.continue, undefined);
    const blocked = (await radius('version=2.0.0')).items.find(({ application }) => application === 'second');
    assert.deepEqual(
      blocked?.problems.map(({ code }) => code),
      ['UpgradeBlocked'],
    );
    assert.equal(
      (await client.call('GET', `/v1/blueprints/${greeter}/blast-radius?version=9.9.9`)).status,
      404,
    );

    const chosen = ['second', 'hello', 'nobody'].map((application) => ({ environment, application }));
    const { items } = await client.json<ProposedUpgrades>('POST', `/v1/blueprints/${greeter}/upgrades`, {
      version: '1.1.0',
      applications: chosen,
    });
    assert.deepEqual(
      items.map(({ application, pullRequest, problems }) => [application, pullRequest, problems[0]?.code]),
      [
        ['second', 1, undefined],
        ['hello', 1, undefined],
        ['nobody', undefined, 'NotFound'],
      ],
    );
  });

  it('made by the hundred disturb neither what is served nor what is reconciled', async () => {
    await running('hello');
    const next = await configure('hello', webApp('while they plan'));
    let pending = 100;
    const plans = Array.from({ length: 100 }, async (_item, index) => {
      const made = await plan({
        action: 'install',
        application: `crowd-${index}`,
        blueprint: greeter,
        version: '1.0.0',
        values: webApp(`crowd ${index}`),
      });
      pending -= 1;
      assert.deepEqual(made.problems, []);
    });
    let failures = 0;
    await client.apply(environment, next);
    const started = performance.now();
    await until(
      'the commit is served',
      async () => {
        const page = await fetchLocal(sovereign.port, `hello.${environment}.localhost`, '/');
        if (page.status !== 200) failures += 1;
        return page.body.trim() === 'while they plan';
      },
      60_000,
    );
    const took = performance.now() - started;
    assert.ok(pending > 0, 'plans were still being made');
    assert.equal(failures, 0);
    assert.ok(took < 20_000, `served after ${took.toFixed(0)} ms`);
    await Promise.all(plans);
  });

  it('are refused when far too many are asked for at once, and made again afterwards', async () => {
    const ask = (index: number) =>
      client.call('POST', `/v1/environments/${environment}/plans`, {
        action: 'configure',
        application: 'third',
        values: webApp(`third ${index % 3}`),
      });
    const answers = await Promise.all(Array.from({ length: 400 }, (_item, index) => ask(index)));
    const statuses = new Set(answers.map(({ status }) => status));
    assert.deepEqual([...statuses].sort(), [201, 429]);
    assert.equal((await ask(1)).status, 201);
  });
});
