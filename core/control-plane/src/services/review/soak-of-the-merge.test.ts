import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { basePaths } from '@catalyst/model/application-repository/paths.ts';
import { replayVerdict } from '@catalyst/model/policy/verdict.ts';
import { healthIntervalsTable } from '../projector/health.ts';
import { contentOf } from './content.ts';
import { readOtherBase } from './merged-base.ts';
import { codeOf, type Proposed, startProposals } from './testing/proposals.ts';
import { shop } from './testing/review-kit.ts';
import { startWebAppEngine } from './testing/web-app-engine.ts';

const app = await startWebAppEngine();
const subject = await startProposals(undefined, app.engine);
const { kit, propose, merge, detail, headOf } = subject;
const { omar } = subject.people;
const hourMs = 3_600_000;
const soaking = { rules: [{ kind: 'soak', sourceEnvironment: 'acme-dev', duration: '2h' }] };
const open = {
  rules: [{ kind: 'change-window', cron: '* * * * *', duration: '1h', timeZone: 'Asia/Muscat' }],
};
const files = (image: string) => app.filesOf('prod', { image, port: 8080 });
const baseOf = (image: string) =>
  Object.fromEntries(Object.entries(files(image)).filter(([path]) => path.startsWith('base/')));
const values = (image: string) => ({ 'base/values.yaml': files(image)['base/values.yaml'] ?? '' });

/** As if what a revision holds had been Running in `acme-dev` for ten hours. */
let soaked = 0;
async function soak(revision: string): Promise<void> {
  soaked += 1;
  const target = 'acme-dev/shop';
  const time = (hours: number) => new Date(Date.now() - hours * hourMs).toISOString();
  await kit
    .parts()
    .database.table(healthIntervalsTable)
    .put({
      id: `${target}/${soaked}`,
      target,
      environment: 'acme-dev',
      application: 'shop',
      revision,
      state: 'Running',
      from: time(20),
      to: time(10),
    });
}

async function openFrom(source: string): Promise<Proposed> {
  const opened = await kit
    .parts()
    .pullRequests.open(omar, 'acme', { application: 'shop', source, destination: 'main', title: source });
  assert.ok(opened.ok, JSON.stringify(opened));
  const { number, head } = opened.value;
  return { source, number, head, ref: { organization: 'acme', application: 'shop', number } };
}

const soakOf = async (proposed: Proposed) => {
  const gate = (await detail(proposed)).gates.find(({ rule }) => rule === 'soak');
  assert.ok(gate);
  return gate;
};

/** What the judge says of the merge commit itself, whoever made it. */
async function pushMerge({ number, head }: Proposed): Promise<string> {
  const { repositories } = kit.parts();
  const main = await headOf('main');
  const { changes } = await contentOf(repositories, { repository: shop, head }, main);
  const done = await repositories.commit({
    repository: shop,
    branch: 'main',
    expectedHead: main,
    mergeOf: head,
    changes,
    message: 'Merge it past everything',
    author: { name: omar.name, email: omar.email },
    pusher: { id: omar.id, name: omar.name, surface: 'git' },
    under: { kind: 'pull-request', number },
  });
  return done.ok ? 'ok' : done.problems.map(({ code, message }) => `${code}: ${message}`).join('\n');
}

/** Every way in says the same; answers what it says. */
async function assertShut(proposed: Proposed, words: RegExp): Promise<void> {
  const main = await headOf('main');
  const gate = await soakOf(proposed);
  assert.equal(gate.allowed, false, gate.reason);
  assert.match(gate.reason, words);
  assert.equal(gate.until, undefined, 'no time opens it');
  const { pullRequests, verdicts } = kit.parts();
  const row = await pullRequests.standings.get(shop, proposed.number);
  assert.ok(row);
  const standing = await pullRequests.standings.of(row, main);
  assert.equal(standing.gates.find(({ rule }) => rule === 'soak')?.reason, gate.reason, 'inbox and queue');
  const refused = await merge(omar, proposed);
  assert.equal(!refused.ok && refused.problems[0]?.message, gate.reason, 'merge');
  assert.ok((await pushMerge(proposed)).includes(gate.reason), 'judge');
  const [verdict] = await verdicts.list('acme-prod', { number: proposed.number, limit: 1 });
  assert.ok(verdict);
  const { same, outcome } = replayVerdict(verdict);
  assert.deepEqual([verdict.allowed, same, outcome?.allowed], [false, true, false], 'replay');
  const armed = await pullRequests.askAutoMerge(omar, proposed.ref, { expectedHead: proposed.head });
  assert.ok(armed.ok);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal((await detail(proposed)).state, 'open', 'merge by itself');
  assert.ok((await pullRequests.stopAutoMerge(omar, proposed.ref)).ok);
  assert.equal(await headOf('main'), main);
}

async function imageOf(branch: string): Promise<string> {
  const bytes = await kit.parts().repositories.read(shop, await headOf(branch), 'base/values.yaml');
  return /image: (\S+)/.exec(new TextDecoder().decode(bytes))?.[1] ?? '';
}

describe('what soaked is what is merged', { timeout: 180_000 }, () => {
  let installed = '';
  before(async () => {
    await kit.protect(open);
    installed = await kit.commit(omar, 'main', files('localhost/shop:good'));
    await soak(installed);
    await kit.protect(soaking);
  });
  after(async () => {
    await kit.dispose();
    await app.stop();
  });

  it('an uninstallation brings nothing only where all that it does to base/ is to take away', async () => {
    await kit.commit(omar, 'trick-1', { [basePaths.application]: null }, { from: installed });
    const away = await openFrom('trick-1');
    assert.match((await soakOf(away)).reason, /leaves base\/ as it is/);
    await kit.commit(omar, 'trick-1', values('localhost/shop:evil'));
    const beside = { ...away, head: await headOf('trick-1') };
    await assertShut(beside, /has not run in acme-dev/);
    assert.ok((await kit.parts().pullRequests.edit(omar, away.ref, { state: 'closed' })).ok);
  });

  it('a head that soaked is not let in where merging makes something else of it', async () => {
    // What an earlier policy let in: base/ without its Application, and another image.
    await kit.protect(open);
    await kit.commit(omar, 'gone', { [basePaths.application]: null }, { from: installed });
    const gone = await headOf('gone');
    const evil = { [basePaths.application]: null, ...values('localhost/shop:evil') };
    await kit.commit(omar, 'main', evil, { mergeOf: gone });
    await kit.protect(soaking);
    await kit.commit(
      omar,
      'trick-2',
      { [basePaths.application]: files('localhost/shop:good')[basePaths.application] ?? '' },
      { from: gone },
    );
    const trick = await openFrom('trick-2');
    const { repositories } = kit.parts();
    const trees = await Promise.all(
      [installed, trick.head].map((revision) => repositories.treeOf(shop, revision, 'base')),
    );
    assert.equal(trees[0], trees[1], 'the head itself has soaked');
    await assertShut(trick, /another base\/ than .* base\/values\.yaml .* up to date .* acme-dev for 2h/);

    // The way out: what comes of both, on the branch; it has soaked once already here.
    const main = await headOf('main');
    await kit.commit(omar, 'trick-2', baseOf('localhost/shop:good'), { mergeOf: main });
    const head = await headOf('trick-2');
    assert.equal(codeOf(await merge(omar, { ...trick, head })), 'ok');
    assert.equal(await imageOf('main'), 'localhost/shop:good');
  });

  it('two that soaked alone have not soaked together', async () => {
    const one = await propose(omar, { 'base/a.md': 'two' });
    const two = await propose(omar, { 'base/b.md': 'two' });
    await soak(one.head);
    await soak(two.head);
    assert.equal((await soakOf(two)).allowed, true);
    assert.equal(codeOf(await merge(omar, one)), 'ok');
    await assertShut(two, /base\/a\.md/);

    await kit.commit(omar, two.source, { 'base/a.md': 'two' }, { mergeOf: await headOf('main') });
    const together = { ...two, head: await headOf(two.source) };
    assert.match((await soakOf(together)).reason, /has not run in acme-dev/);
    assert.equal(codeOf(await merge(omar, together)), 'GateClosed');
    await soak(together.head);
    assert.equal(codeOf(await merge(omar, together)), 'ok');
  });

  it('a branch that is behind in files beside base/ alone is as it was', async () => {
    const one = await propose(omar, { 'notes/elsewhere.md': 'one' });
    const two = await propose(omar, { 'base/c.md': 'three' });
    await soak(two.head);
    assert.equal(codeOf(await merge(omar, one)), 'ok');
    assert.equal(codeOf(await merge(omar, two)), 'ok');
  });

  it('a promotion is asked about its source alone, whatever it keeps of the destination', async () => {
    const { repositories } = kit.parts();
    const behind = await kit.commit(omar, 'behind', { 'base/e.md': 'x' }, { from: installed });
    const main = await headOf('main');
    const pullRequest = { repository: shop, head: behind };
    const outcome = await contentOf(repositories, pullRequest, main);
    const other = await readOtherBase(repositories, pullRequest, main, outcome);
    assert.ok(other && other.count >= 1, JSON.stringify(other));
    const promotion = { from: 'acme-dev', base: main, decisions: {}, overlay: {} };
    assert.equal(await readOtherBase(repositories, { ...pullRequest, promotion }, main, outcome), undefined);
  });

  it('many paths that differ are counted, and the verdict stays small', async () => {
    const names = Array.from({ length: 300 }, (_, at) => `base/many/${at}.md`);
    const one = await propose(omar, Object.fromEntries(names.map((name) => [name, 'x'])));
    const two = await propose(omar, { 'base/d.md': 'x' });
    await soak(one.head);
    await soak(two.head);
    assert.equal(codeOf(await merge(omar, one)), 'ok');
    await assertShut(two, /and 297 more/);
    const [verdict] = await kit.parts().verdicts.list('acme-prod', { number: two.number, limit: 1 });
    assert.ok(JSON.stringify(verdict?.facts).length < 6_000);
  });
});
