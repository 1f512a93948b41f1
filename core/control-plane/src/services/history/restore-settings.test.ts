import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Plan } from '@catalyst/model/views/plan.ts';
import { startHistoryKit } from './testing/history-kit.ts';

const scope = { organization: 'acme', environment: 'acme-dev', envType: 'dev' as const };
const path = 'overlays/dev/values.yaml';
const colour = { colour: { type: 'string' } };

describe('restoring the settings of an earlier revision', { timeout: 120_000 }, () => {
  let kit: Awaited<ReturnType<typeof startHistoryKit>>;
  const at: Record<string, string> = {};
  const codesOf = (plan: Plan) => plan.problems.map(({ code }) => code);
  const restore = (valuesOf: string | undefined, more: object = {}) =>
    kit.plan({ action: 'configure', application: 'web', valuesOf: valuesOf ?? '', ...more });
  const set = (values: Record<string, unknown>) =>
    kit.change({ action: 'configure', application: 'web', values });
  const headOf = async () => (await kit.repositories.head(kit.repository('web'), 'develop')) ?? '';
  const bytesOf = async (revision: string | undefined) =>
    kit.repositories.read(kit.repository('web'), revision ?? '', path);
  const rollbackOf = async (revision: string | undefined) =>
    (await kit.history.ofApplication(scope, 'web', { limit: 100 }))?.items.find(
      (item) => item.revision === revision,
    )?.rollback;

  before(async () => {
    kit = await startHistoryKit([
      { name: 'site', version: '1.0.0', properties: colour },
      { name: 'site', version: '1.1.0', properties: colour },
      { name: 'site', version: '2.0.0' },
    ]);
    at['installed'] = await kit.change({
      action: 'install',
      application: 'web',
      blueprint: 'bp-site',
      version: '1.0.0',
      values: {},
    });
    const pushed = await kit.repositories.commit({
      repository: kit.repository('web'),
      branch: 'develop',
      expectedHead: await headOf(),
      changes: { [path]: '# as Omar likes it\ngreeting:   "one"   # with spaces\n' },
      message: 'Push',
      author: { name: 'Omar', email: 'omar@example.net' },
      pusher: { id: 'u2', name: 'Omar', surface: 'git' },
    });
    assert.ok(pushed.ok, JSON.stringify(pushed));
    at['one'] = await headOf();
    at['two'] = await set({ greeting: 'two' });
  });
  after(async () => kit.close());

  it('is offered where a rollback is not, since only the settings differ', async () => {
    assert.deepEqual(await rollbackOf(at['one']), {
      possible: false,
      whyNot: 'Version and shared configuration are the same as now.',
      settings: { possible: true },
    });
    assert.equal(
      (await rollbackOf(at['two']))?.settings?.whyNot,
      'The settings of this Environment are the same as now.',
    );
  });

  it('makes the file what it was, byte for byte, says so object by object, and can be undone', async () => {
    const plan = await restore(at['one'], { reason: 'It  was better' });
    assert.deepEqual(plan.problems, []);
    const [planned] = plan.applications;
    assert.deepEqual(
      planned?.files.map((file) => [file.path, file.change]),
      [[path, 'change']],
    );
    assert.ok(planned?.objects.some(({ fields }) => fields?.some((field) => field.after === 'one')));
    assert.ok(
      plan.consequences.some((sentence) => /the version and the shared configuration stay/.test(sentence)),
    );
    assert.deepEqual(
      plan.pins?.map(({ head }) => head),
      [at['two']],
    );
    const revision = (await kit.apply(plan))[0]?.revision;
    assert.deepEqual(await bytesOf(revision), await bytesOf(at['one']));
    const [latest] = await kit.repositories.history(kit.repository('web'), 'develop', { limit: 1 });
    assert.match(
      latest?.message ?? '',
      /^Restore the settings of [0-9a-f]{7} for web in acme-dev\n\nIt was better/,
    );
    await kit.change({ action: 'undo', plan: plan.id });
    assert.deepEqual(await bytesOf(await headOf()), await bytesOf(at['two']));
  });

  it('is only to what the branch itself was, and something else than now', async () => {
    assert.deepEqual(codesOf(await restore(at['two'])), ['NothingChanges']);
    assert.deepEqual(codesOf(await restore('1'.repeat(40))), ['UnknownRevision']);
    const main = await kit.repositories.head(kit.repository('web'), 'main');
    assert.deepEqual(codesOf(await restore(main)), ['UnknownRevision'], 'another branch');
    for (const beside of [{ values: {} }, { version: '1.1.0' }, { paused: true }, { basedOn: at['one'] }]) {
      const [problem] = (await restore(at['one'], beside)).problems;
      assert.deepEqual([problem?.code, problem?.field], ['Invalid', Object.keys(beside)[0]]);
    }
  });

  it('works while a hold keeps version and shared configuration', async () => {
    await kit.change({ action: 'hold', application: 'web', reason: 'as it is' });
    await kit.apply(await restore(at['one']));
    assert.deepEqual(await bytesOf(await headOf()), await bytesOf(at['one']));
    await kit.change({ action: 'release', application: 'web', reason: 'done' });
  });

  it('does not pass a review by in a protected Environment', async () => {
    const rule = { kind: 'pr-required' as const, approvers: ['@acme/org-admins'], minApprovals: 1 };
    kit.rules.policy = { name: 'acme-dev-policy', environment: 'acme-dev', rules: [rule], rollback: 'free' };
    const plan = await restore(at['two']);
    assert.equal(plan.policy?.protected, true);
    const refused = await kit.tryToApply(plan);
    assert.equal(refused.ok ? '' : refused.problems[0]?.code, 'Protected');
    kit.rules.policy = undefined;
  });

  it('leaves the version of today, offers both where both differ, and says what no longer fits', async () => {
    at['red'] = await set({ greeting: 'three', colour: 'red' });
    await kit.change({ action: 'configure', application: 'web', version: '1.1.0' });
    await set({ greeting: 'four' });
    assert.deepEqual(await rollbackOf(at['red']), { possible: true, settings: { possible: true } });
    const back = await restore(at['red']);
    assert.equal(back.applications[0]?.version, '1.1.0');
    await kit.apply(back);
    await set({ greeting: 'four' });
    await kit.change({ action: 'configure', application: 'web', version: '2.0.0' });
    const { problems } = await restore(at['red']);
    assert.equal(problems.length, 1);
    assert.match(problems[0]?.field ?? '', /^values\./);
    assert.match(
      problems[0]?.message ?? '',
      /"colour" as it was at [0-9a-f]{7} does not fit bp-site 2\.0\.0: .*in Settings/,
    );
  });

  it('brings nothing back into what is uninstalled', async () => {
    await kit.change({ action: 'uninstall', application: 'web' });
    assert.deepEqual(codesOf(await restore(at['one'])), ['NotInstalled']);
    assert.match((await rollbackOf(at['one']))?.settings?.whyNot ?? '', /install it first/);
  });
});
