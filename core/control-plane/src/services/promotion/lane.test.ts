import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startLaneKit } from './testing/lane-kit.ts';

const blueprint = {
  name: 'web',
  version: '1.0.0',
  properties: {
    replicas: { type: 'integer', default: 1 },
    password: { type: 'string', 'x-catalyst-ui-hint': 'password' },
  },
};

type Kit = Awaited<ReturnType<typeof startLaneKit>>;
const values = 'base/values.yaml';

async function start(): Promise<Kit> {
  const kit = await startLaneKit([blueprint, { ...blueprint, version: '1.1.0' }]);
  await kit.plan('dev', {
    action: 'install',
    application: 'shop',
    blueprint: 'bp-web',
    version: '1.0.0',
    values: {},
  });
  return kit;
}

describe('the lane of an Application', () => {
  let kit: Kit;
  before(async () => {
    kit = await start();
  });
  after(() => kit.close());

  test('says where it is, and that the first promotion brings it to the next one', async () => {
    const { environments, steps, backflow } = await kit.lane();
    assert.deepEqual(
      environments.map(({ name, installed }) => [name, installed]),
      [
        ['acme-dev', true],
        ['acme-stg', false],
        ['acme-prod', false],
      ],
    );
    assert.deepEqual(environments[0]?.blueprint, { name: 'bp-web', version: '1.0.0' });
    assert.deepEqual(
      steps.map(({ from, to, promotable }) => [from, to, promotable]),
      [
        ['acme-dev', 'acme-stg', true],
        ['acme-stg', 'acme-prod', false],
      ],
    );
    assert.match(steps[1]?.why ?? '', /not installed in acme-stg/);
    assert.deepEqual(backflow, []);
  });

  test('is empty between two that have the same, and counts what is ahead', async () => {
    await kit.promote('dev', 'stg');
    const same = (await kit.lane()).steps[0];
    assert.deepEqual([same?.promotable, same?.commits, same?.files], [false, 0, []]);
    await kit.commit('dev', { 'overlays/dev/notes.txt': 'dev alone\n' });
    assert.equal((await kit.lane()).steps[0]?.promotable, false, 'an overlay is not carried');
    await kit.commit('dev', { [values]: 'greeting: hi\npassword: secret-one\n' });
    const ahead = (await kit.lane()).steps[0];
    assert.deepEqual(ahead?.files, [{ path: values, change: 'change' }]);
    assert.equal(ahead?.commits, 2);
    assert.equal(ahead?.fileCount, 1);
  });

  test('shows settings that differ, and no password', async () => {
    await kit.commit('dev', { 'overlays/dev/values.yaml': 'replicas: 2\npassword: secret-two\n' });
    const lane = await kit.lane();
    const settings = lane.steps[0]?.settings;
    assert.deepEqual(settings?.base, [
      { path: 'greeting', after: 'hi' },
      { path: 'password', after: '(not shown)' },
    ]);
    assert.deepEqual(settings?.overlays, [
      { path: 'password', from: '(not shown)' },
      { path: 'replicas', from: 2 },
    ]);
    assert.doesNotMatch(JSON.stringify(lane), /secret-/);
  });

  test('shows the open promotion with what it waits for, and forgets what was', async () => {
    kit.rules['acme-stg'] = {
      rules: [{ kind: 'pr-required', approvers: ['org-admins'], minApprovals: 1 }],
    } as never;
    const opened = await kit.openPromotion('dev', 'stg');
    const step = (await kit.lane()).steps[0];
    assert.equal(step?.pullRequest?.number, opened.number);
    assert.equal(step?.pullRequest?.waitsFor?.rule, 'pr-required');
    assert.equal(step?.pullRequest?.behind, false);
    delete kit.rules['acme-stg'];
    assert.equal((await kit.lane()).steps[0]?.pullRequest?.waitsFor, undefined);
    await kit.commit('dev', { [values]: 'greeting: hello again\npassword: secret-one\n' });
    assert.equal((await kit.lane()).steps[0]?.pullRequest?.behind, true);
    await kit.merge(opened);
    assert.equal((await kit.lane()).steps[0]?.pullRequest, undefined);
  });

  test('shows the state only where one was observed', async () => {
    const head = await kit.headOf('dev');
    kit.views.set('acme-dev/shop', {
      organization: 'acme',
      environment: 'acme-dev',
      name: 'shop',
      blueprint: { name: 'bp-web', version: '1.0.0', digest: '' },
      state: 'Running',
      paused: false,
      pods: { ready: 1, desired: 1 },
      hosts: [],
      dependencies: [],
      usedBy: [],
      revision: head,
      instances: [],
      notEnforced: [],
    });
    const { environments } = await kit.lane();
    assert.deepEqual(environments[0]?.observed, { state: 'Running', revision: head });
    assert.equal(environments[1]?.observed, undefined);
    assert.ok(environments[0]?.since);
  });

  test('says since when the content is there, not since the last commit', async () => {
    const before = (await kit.lane()).environments[0]?.since;
    await kit.commit('dev', { 'overlays/dev/notes.txt': 'other\n' });
    assert.equal((await kit.lane()).environments[0]?.since, before);
    await kit.commit('dev', { [values]: 'greeting: later\n' });
    assert.notEqual((await kit.lane()).environments[0]?.since, before);
  });

  test('knows no Application that is not there', async () => {
    assert.equal(await kit.lanes().read('acme', 'none'), undefined);
    assert.equal(await kit.lanes().read('globex', 'shop'), undefined);
  });
});
