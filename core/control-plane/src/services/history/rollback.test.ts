import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Plan } from '@catalyst/model/views/plan.ts';
import { type KitBlueprint, startHistoryKit } from './testing/history-kit.ts';

const colour = { colour: { type: 'string' } };
const blueprints: readonly KitBlueprint[] = [
  { name: 'store', version: '1.0.0' },
  {
    name: 'store',
    version: '1.1.0',
    secrets: [{ name: 'keys', keys: [{ name: 'root', generate: { kind: 'password' } }] }],
    upgrades: {
      migrations: [
        { from: '<1.1.0', to: '1.1.0', reversible: false, note: 'Tables are rewritten.' },
        { to: '1.0.0', reversible: true, note: 'Long ago.' },
      ],
    },
  },
  { name: 'store', version: '1.2.0', properties: colour },
  { name: 'site', version: '1.0.0', depends: [{ blueprint: 'bp-store', version: '^1.1', alias: 'db' }] },
  { name: 'site', version: '2.0.0' },
];

describe('a rollback', { timeout: 120_000 }, () => {
  let kit: Awaited<ReturnType<typeof startHistoryKit>>;
  const at: Record<string, string> = {};
  const codesOf = (plan: Plan) => plan.problems.map(({ code }) => code);
  const back = (revision: string | undefined, application = 'db') =>
    kit.plan({ action: 'rollback', application, revision: revision ?? '', reason: 'It  was\nbetter' });
  const upgrade = (version: string) => kit.change({ action: 'configure', application: 'db', version });
  const headOf = async (name: string) => (await kit.repositories.head(kit.repository(name), 'develop')) ?? '';
  const baseOf = async (revision: string) => kit.repositories.treeOf(kit.repository('db'), revision, 'base');

  before(async () => {
    kit = await startHistoryKit(blueprints);
    at['1.0.0'] = await kit.change({
      action: 'install',
      application: 'db',
      blueprint: 'bp-store',
      version: '1.0.0',
      values: {},
    });
    at['1.1.0'] = await upgrade('1.1.0');
  });
  after(async () => kit.close());

  it('says what it does not bring back: data, migrated schemas, secrets', async () => {
    kit.volumes.push({
      environment: 'acme-dev',
      application: 'db',
      claim: 'data',
      sizeBytes: 1,
      requestedBytes: 1,
      inUse: true,
    });
    const plan = await back(at['1.0.0']);
    assert.deepEqual(plan.problems, []);
    const [planned] = plan.applications;
    assert.equal(planned?.versionBefore, '1.1.0');
    assert.equal(planned?.version, '1.0.0');
    assert.deepEqual(
      planned?.dataRisks?.map(({ what, severity }) => [what, severity]),
      [
        ['data', 'notice'],
        ['schema of bp-store 1.1.0', 'loss'],
      ],
    );
    assert.match(planned?.dataRisks?.at(-1)?.message ?? '', /cannot be undone.*Tables are rewritten/);
    assert.ok(plan.consequences.some((sentence) => /secrets keep the values/.test(sentence)));
    assert.ok(planned?.objects.some(({ fields }) => fields?.some(({ after: now }) => now === '1.0.0')));
  });

  it('restores base/ byte for byte, deletes what came later, and holds with the tree that was left', async () => {
    const left = await headOf('db');
    const revision = (await kit.apply(await back(at['1.0.0'])))[0]?.revision ?? '';
    assert.equal(await baseOf(revision), await baseOf(at['1.0.0'] ?? ''));
    const overlay = await kit.repositories.read(
      kit.repository('db'),
      revision,
      'overlays/dev/application.yaml',
    );
    const text = new TextDecoder().decode(overlay);
    assert.match(text, new RegExp(`tree: "?${await baseOf(left)}`));
    assert.match(text, /by: Layla/);
    assert.match(text, /reason: It was better/);
    const [latest] = await kit.repositories.history(kit.repository('db'), 'develop', { limit: 1 });
    assert.match(latest?.message ?? '', /^Roll db back to .*\n\nIt was better/);
  });

  it('leaves a held branch to rollbacks alone', async () => {
    assert.deepEqual(codesOf(await kit.plan({ action: 'configure', application: 'db', version: '1.1.0' })), [
      'Held',
    ]);
    assert.deepEqual(codesOf(await kit.plan({ action: 'uninstall', application: 'db' })), ['Held']);
    const repository = kit.repository('db');
    const pushed = await kit.repositories.commit({
      repository,
      branch: 'develop',
      expectedHead: await headOf('db'),
      changes: { 'base/values.yaml': 'greeting: pushed\n' },
      message: 'Push',
      author: { name: 'Omar', email: 'omar@example.net' },
      pusher: { id: 'u2', name: 'Omar', surface: 'git' },
    });
    assert.equal(pushed.ok, false);
    assert.equal(pushed.ok ? '' : pushed.problems[0]?.code, 'Held');
    const values = await kit.plan({
      action: 'configure',
      application: 'db',
      values: { greeting: 'only here' },
    });
    assert.deepEqual(codesOf(values), [], 'what belongs to this Environment alone may change');
    await kit.apply(await back(at['1.1.0']));
    assert.deepEqual(codesOf(await kit.plan({ action: 'hold', application: 'db', reason: ' ' })), [
      'Invalid',
    ]);
    await kit.change({ action: 'release', application: 'db', reason: 'done' });
    assert.deepEqual(codesOf(await kit.plan({ action: 'release', application: 'db', reason: 'again' })), [
      'NothingChanges',
    ]);
  });

  it('is only to what the branch itself was, with the Application in it, and something else than now', async () => {
    assert.deepEqual(codesOf(await back(await headOf('db'))), ['NothingChanges']);
    assert.deepEqual(codesOf(await back(at['1.1.0'])), ['NothingChanges']);
    assert.deepEqual(codesOf(await back('1'.repeat(40))), ['UnknownRevision']);
    const main = await kit.repositories.head(kit.repository('db'), 'main');
    assert.deepEqual(codesOf(await back(main)), ['UnknownRevision'], 'another branch');
    assert.deepEqual(codesOf(await back(at['1.0.0'], 'nobody')), ['NotInstalled']);
  });

  it('is refused where this Environment sets what the earlier version does not know', async () => {
    await upgrade('1.2.0');
    await kit.change({
      action: 'configure',
      application: 'db',
      values: { greeting: 'hello', colour: 'red' },
    });
    const plan = await back(at['1.1.0']);
    assert.equal(plan.problems[0]?.file, 'overlays/dev/values.yaml');
    assert.match(plan.problems[0]?.message ?? '', /does not take what acme-dev sets/);
    await kit.change({ action: 'configure', application: 'db', values: { greeting: 'hello' } });
    assert.deepEqual(codesOf(await back(at['1.1.0'])), []);
  });

  it('is refused while somebody is bound who needs the later version', async () => {
    await kit.change({
      action: 'install',
      application: 'web',
      blueprint: 'bp-site',
      version: '1.0.0',
      values: {},
      dependencies: { db: { use: 'existing', application: 'db' } },
    });
    const plan = await back(at['1.0.0']);
    assert.deepEqual(codesOf(plan), ['InUse']);
    assert.match(plan.problems[0]?.message ?? '', /web is bound to it and needs bp-store \^1\.1/);
    assert.deepEqual(codesOf(await back(at['1.1.0'])), []);
  });

  it('binds again what the earlier version needs, or says what is missing', async () => {
    const revision = await headOf('web');
    await kit.change({ action: 'configure', application: 'web', version: '2.0.0' });
    const overlay = 'overlays/dev/application.yaml';
    const textOf = async () => {
      const content = await kit.repositories.read(kit.repository('web'), await headOf('web'), overlay);
      return new TextDecoder().decode(content);
    };
    assert.doesNotMatch(await textOf(), /alias: db/);
    const plan = await back(revision, 'web');
    assert.deepEqual(plan.applications[0]?.dependsOn, [{ alias: 'db', application: 'db' }]);
    await kit.apply(plan);
    assert.match(await textOf(), /alias: db/);
    await kit.change({ action: 'release', application: 'web', reason: 'x' });
    await kit.change({ action: 'configure', application: 'web', version: '2.0.0' });
    await kit.apply(await back(at['1.0.0']));
    const refused = await back(revision, 'web');
    assert.deepEqual(codesOf(refused), ['BindingGone']);
    assert.match(refused.problems[0]?.message ?? '', /needs bp-store \^1\.1 as "db", which was "db"/);
    await kit.change({ action: 'release', application: 'db', reason: 'x' });
    await upgrade('1.2.0');
  });

  it('needs no review in a protected Environment, unless the policy says so', async () => {
    const rule = { kind: 'pr-required' as const, approvers: ['@acme/org-admins'], minApprovals: 1 };
    const policy = { name: 'acme-dev-policy', environment: 'acme-dev', rules: [rule] };
    kit.rules.policy = { ...policy, rollback: 'gated' };
    const plan = await back(at['1.1.0']);
    const gated = await kit.tryToApply(plan);
    assert.equal(gated.ok ? '' : gated.problems[0]?.code, 'Protected');
    kit.rules.policy = { ...policy, rollback: 'free' };
    await kit.apply(await back(at['1.1.0']));
    await kit.change({ action: 'restart', application: 'db', reason: 'an operation' });
    const release = await kit.tryToApply(
      await kit.plan({ action: 'release', application: 'db', reason: 'x' }),
    );
    assert.equal(
      release.ok ? '' : release.problems[0]?.code,
      'Protected',
      'what was held is let go by review',
    );
    kit.rules.policy = undefined;
    await kit.change({ action: 'release', application: 'db', reason: 'x' });
    await upgrade('1.2.0');
  });

  it('brings back no Blueprint that is gone, and says the way out; comparing says so too', async () => {
    const now = await headOf('db');
    await kit.withdraw('store', '1.1.0');
    const plan = await back(at['1.1.0']);
    assert.deepEqual(codesOf(plan), ['BlueprintGone']);
    assert.match(plan.problems[0]?.message ?? '', /Put it back, or choose/);
    const scope = { organization: 'acme', environment: 'acme-dev', envType: 'dev' as const };
    const compared = await kit.history.compare(scope, 'db', { from: at['1.1.0'] ?? '', to: now });
    assert.deepEqual(compared?.objects, []);
    assert.match(compared?.problems[0] ?? '', /^At [0-9a-f]{7}: /);
    assert.ok(compared?.files.some(({ path }) => path === 'base/application.yaml'));
    const list = await kit.history.ofApplication(scope, 'db', { limit: 100 });
    const listed = list?.items.find(({ revision }) => revision === at['1.1.0']);
    assert.match(listed?.rollback?.whyNot ?? '', /not in the catalog/);
    assert.deepEqual(await kit.history.compare(scope, 'db', { from: '1'.repeat(40), to: now }), undefined);
  });
});
