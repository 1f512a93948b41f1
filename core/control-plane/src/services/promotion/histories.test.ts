import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { startPromotionKit } from './testing/promotion-kit.ts';

type Kit = Awaited<ReturnType<typeof startPromotionKit>>;

const branches = { dev: 'develop', stg: 'staging', prod: 'main' } as const;
type Env = keyof typeof branches;

/** One step of a history: a change of one Environment, a promotion, or taking the Application away. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      env: fc.constantFrom<Env>('dev', 'dev', 'stg', 'prod'),
      path: fc.constantFrom('base/values.yaml', 'base/a.md', 'base/b.md', 'notes.md', 'overlay'),
      text: fc.constantFrom('one', 'two', 'three', 'gone'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('promote' as const),
      to: fc.constantFrom<'stg' | 'prod'>('stg', 'prod'),
      take: fc.constantFrom('source' as const, 'destination' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('uninstall' as const),
      env: fc.constantFrom<'stg' | 'prod'>('stg', 'prod'),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe('promotions over random histories', { timeout: 280_000 }, () => {
  let kit: Kit;
  let application = '';
  let count = 0;
  before(async () => {
    kit = await startPromotionKit([{ name: 'web', version: '1.0.0' }]);
  });
  after(() => kit.close());

  const place = (env: Env) => ({ environment: `acme-${env}`, application });
  const isInstalled = async (env: Env) => 'base/application.yaml' in (await kit.files(place(env)));

  async function change(env: Env, path: string, text: string): Promise<void> {
    if (!(await isInstalled(env))) return;
    const target = path === 'overlay' ? `overlays/${env}/values.yaml` : path;
    const yaml = target.endsWith('.yaml');
    const content = text === 'gone' ? (yaml ? '{}\n' : null) : yaml ? `greeting: ${text}\n` : `${text}\n`;
    const present = (await kit.files(place(env)))[target];
    if ((present ?? null) === content) return;
    await kit.commit(place(env), { [target]: content });
  }

  async function promote(to: 'stg' | 'prod', take: 'source' | 'destination'): Promise<void> {
    const from: Env = to === 'stg' ? 'dev' : 'stg';
    const plan = await kit.plan(kit.boss, `acme-${to}`, { action: 'promote', application });
    if (plan.problems.length > 0) {
      const [problem] = plan.problems;
      const why = (await isInstalled(from)) ? 'NothingChanges' : 'NotInstalled';
      assert.equal(problem?.code, why, problem?.message);
      return;
    }
    const [ownBefore, source] = [await kit.files(place(to)), await kit.files(place(from))];
    const [opened] = await kit.propose(kit.boss, plan);
    assert.ok(opened);
    const asked = (await kit.detail(opened)).promotion?.undecided.map(({ path }) => path) ?? [];
    if (asked.length > 0) {
      const early = await kit.merge(kit.boss, opened);
      assert.equal(early.ok, false, 'what nobody decided is not merged');
      const decided = await kit.pullRequests.decide(kit.boss, kit.refOf(opened), {
        revision: opened.head,
        decisions: Object.fromEntries(asked.map((path) => [path, take])),
      });
      assert.ok(decided.ok, JSON.stringify(decided));
    }
    const merged = await kit.merge(kit.boss, await kit.detail(opened));
    assert.ok(merged.ok, JSON.stringify(merged));
    await kit.settle(place(to));
    const after = await kit.files(place(to));
    for (const path of Object.keys({ ...source, ...ownBefore, ...after })) {
      if (path === 'CODEOWNERS' || path.startsWith('overlays/')) continue;
      // What differs from the source afterwards is what somebody decided to keep.
      if (after[path] !== source[path]) {
        assert.ok(asked.includes(path), `${path} differs although nobody was asked`);
        assert.equal(take, 'destination');
      }
    }
    if ('base/application.yaml' in ownBefore)
      assert.equal(after[`overlays/${to}/values.yaml`], ownBefore[`overlays/${to}/values.yaml`]);
  }

  async function check(): Promise<void> {
    for (const env of ['dev', 'stg', 'prod'] as const)
      for (const path of Object.keys(await kit.files(place(env))))
        assert.ok(!path.startsWith('overlays/') || path.startsWith(`overlays/${env}/`), `${path} in ${env}`);
  }

  async function take(next: Step): Promise<void> {
    if (next.kind === 'change') await change(next.env, next.path, next.text);
    else if (next.kind === 'promote') await promote(next.to, next.take);
    else if (await isInstalled(next.env))
      await kit.change(`acme-${next.env}`, { action: 'uninstall', application });
  }

  it('no overlay of one Environment appears in another, and no change of a destination goes or stays unasked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
        count += 1;
        application = `shop-${count}`;
        await kit.change('acme-dev', {
          action: 'install',
          application,
          blueprint: 'bp-web',
          values: { greeting: 'zero' },
        });
        for (const next of steps) {
          await take(next);
          await check();
        }
      }),
      { numRuns: Number(process.env['CATALYST_HISTORIES'] ?? 12) },
    );
  });
});
