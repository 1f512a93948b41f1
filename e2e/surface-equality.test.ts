import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Inbox } from '@catalyst/model/api/people.ts';
import type { PullRequestDetail, PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { GateVerdict, Plan } from '@catalyst/model/views/plan.ts';
import type { Client } from './kit/client.ts';
import { clone, commitAndPush, git } from './kit/git.ts';
import { ensureImages } from './kit/images.ts';
import { type NaiveBase, type NaiveFacts, type NaiveRule, naivelyClosed } from './kit/naive-policy.ts';
import { invite, type Person } from './kit/people.ts';
import { createRandom } from './kit/random.ts';
import { createCheckClient, setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, type Sovereign } from './kit/sovereign.ts';
import { webApp } from './kit/web-app.ts';

const rounds = Number(process.env['CATALYST_ROUNDS'] ?? 18);
const seed = Number(process.env['CATALYST_SEED'] ?? Math.floor(Math.random() * 1e6));
const environment = 'acme-prod';
const hourMs = 3_600_000;

/** Longer than the shortest soak that policies here ask for, and what may not have been counted of it yet. */
const soakedMs = 80_000;

/** What somebody wants of `acme-prod` by a pull request. */
const deeds = [
  'overlay',
  'new file',
  /** `base/` as it ran elsewhere, on top of what is there. */
  'as it ran',
  /** The same, and what merging makes of it is what its head has. */
  'as it ran, on top',
  /** The same on a branch that is behind, so that merging may make something else of it. */
  'as it ran, from behind',
  'uninstall',
  'uninstall and more',
] as const;
type Deed = (typeof deeds)[number];

interface ProblemDocument {
  readonly code?: string;
  readonly problems?: readonly { readonly code: string; readonly field?: string; readonly message: string }[];
}

/** `base/` of a commit, by what real git says. */
function baseOf(work: string, revision: string): NaiveBase {
  const { output } = git(work, 'ls-tree', '-r', revision, 'base/');
  return Object.fromEntries(
    output
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.split('\t')[1] ?? '', line.split(/\s/)[2] ?? '']),
  );
}

/** What real git merges into `origin/main`; undefined where it cannot. */
function mergedBase(work: string, head: string): NaiveBase | undefined {
  git(work, 'checkout', '--quiet', '--detach', 'origin/main');
  const { status } = git(work, '-c', 'merge.renames=false', 'merge', '--quiet', '--no-edit', head);
  const merged = status === 0 ? baseOf(work, 'HEAD') : undefined;
  git(work, 'merge', '--abort');
  git(work, 'checkout', '--quiet', '--detach', head);
  return merged;
}

const isSame = (left: NaiveBase, right: NaiveBase) => JSON.stringify(left) === JSON.stringify(right);

/** Gates of the policy; the others (order, hold, owners) are not its affair. */
function closedKinds(gates: readonly GateVerdict[]): string[] {
  const closed = gates.filter(({ allowed }) => !allowed).map(({ rule }) => rule);
  return [...new Set(closed)].sort();
}

function reasonsOf(gates: readonly GateVerdict[]): string[] {
  return gates.filter(({ allowed }) => !allowed).map(({ reason }) => reason);
}

describe(`one verdict on every surface, seed ${seed}`, { timeout: 600_000 }, () => {
  const random = createRandom(seed);
  let sovereign: Sovereign;
  let admin: Client;
  let adminId = '';
  /** What reports the checks. */
  let outside: Client;
  let people: Record<'omar' | 'ada' | 'ben' | 'kim', Person>;
  /** Since when the content of `acme-stg` has been seen Running there. */
  let ranSince = 0;
  const count = { merged: 0, refused: 0, contradictory: 0, soaked: 0, unlikeHead: 0, uninstalled: 0 };

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    admin = await setUpAndSignIn(sovereign);
    await admin.json('POST', '/v1/organizations', { name: 'acme', environments: ['stg', 'prod'] });
    adminId = (await admin.json<{ id: string }>('GET', '/v1/me')).id;
    const join = (name: string, role: 'org-admin' | 'org-developer') =>
      invite(sovereign, admin, 'acme', name, { role });
    people = {
      omar: await join('omar', 'org-developer'),
      ada: await join('ada', 'org-developer'),
      ben: await join('ben', 'org-developer'),
      kim: await join('kim', 'org-admin'),
    };
    const names = ['scan', 'unit tests'];
    outside = await createCheckClient(sovereign, people.kim, { organization: 'acme', names });
    const members = [people.ada.id, people.ben.id];
    await admin.json('PUT', '/v1/organizations/acme/teams/security', { members });
    await people.omar.client.change('acme-stg', {
      action: 'install',
      application: 'shop',
      blueprint: 'bp-web-app',
      values: webApp('zero'),
    });
    await people.omar.client.waitFor('acme-stg', 'shop', ({ state }) => state === 'Running');
    ranSince = Date.now();
    const plan = await people.omar.client.plan(environment, { action: 'promote', application: 'shop' });
    const [first] = (await propose(plan)).pullRequests;
    assert.ok(first);
    await people.omar.client.json('POST', path(first, '/merge'), {
      expectedHead: first.head,
      content: first.content,
    });
  });
  after(async () => sovereign.destroy());

  const path = (of: Pick<PullRequestSummary, 'application' | 'number'>, more = '') =>
    `/v1/organizations/acme/pull-requests/${of.application}/${of.number}${more}`;
  const propose = (plan: Plan) =>
    people.omar.client.json<{ pullRequests: PullRequestSummary[] }>(
      'POST',
      `/v1/environments/${plan.environment}/plans/${plan.id}/propose`,
      {},
    );
  const detail = (of: Pick<PullRequestSummary, 'application' | 'number'>) =>
    people.omar.client.json<PullRequestDetail>('GET', path(of));

  const openAtFirst: readonly NaiveRule[] = [
    { kind: 'pr-required', approvers: ['security', 'org-admins'], minApprovals: 1 },
  ];
  const shutAtFirst: readonly NaiveRule[] = [{ kind: 'checks', names: ['never posted'] }];
  const soakAlone: readonly NaiveRule[] = [{ kind: 'soak', sourceEnvironment: 'acme-stg', duration: '1m' }];
  /** Chance alone might let everything through, or nothing, or never ask for a merge that is not its head. */
  const atFirst: readonly (readonly [readonly NaiveRule[], Deed])[] = [
    [openAtFirst, 'new file'],
    [openAtFirst, 'new file'],
    [shutAtFirst, 'overlay'],
    [soakAlone, 'as it ran, from behind'],
    [soakAlone, 'as it ran, on top'],
    [soakAlone, 'uninstall and more'],
    [soakAlone, 'uninstall'],
  ];
  const makeRules = (): readonly NaiveRule[] => Array.from({ length: random.between(1, 4) }, makeRule);

  function makeRule(): NaiveRule {
    const now = Date.now();
    const at = new Date(now + 7 * hourMs);
    const iso = (hours: number) => new Date(now + hours * hourMs).toISOString();
    switch (
      random.pick(['pr-required', 'pr-required', 'change-window', 'freeze', 'checks', 'soak'] as const)
    ) {
      case 'pr-required':
        return {
          kind: 'pr-required',
          approvers: random.pick([
            ['security'],
            ['codeowners'],
            ['security', 'org-admins'],
            [people.ada.email],
          ]),
          minApprovals: 1,
        };
      case 'change-window': {
        const timeZone = random.pick(['UTC', 'Asia/Muscat', 'Europe/Berlin', 'Asia/Kolkata']);
        const cron = random.chance(0.5) ? '* * * * *' : `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
        return { kind: 'change-window', cron, duration: '30m', timeZone };
      }
      case 'freeze': {
        const [from, to] = random.pick([
          [-48, -24],
          [-24, 24],
          [24, 48],
        ] as const);
        const exceptions = random.pick([[], ['security'], ['omar@example.net']]);
        return {
          kind: 'freeze',
          from: iso(from),
          to: iso(to),
          reason: 'Year end.',
          ...(exceptions.length > 0 ? { exceptions } : {}),
        };
      }
      case 'checks':
        return { kind: 'checks', names: random.pick([['scan'], ['scan', 'unit tests']]) };
      case 'soak':
        return { kind: 'soak', sourceEnvironment: 'acme-stg', duration: random.pick(['1m', '30d']) };
    }
  }

  /** Makes it the policy of the Environment, by whichever way there is; false where it contradicts itself. */
  async function protect(rules: readonly NaiveRule[]): Promise<boolean> {
    const spec = { rules: rules.map((rule) => ({ ...rule })) };
    const url = `/v1/environments/${environment}/policy`;
    const first = await admin.call('PUT', url, { spec, reason: 'Try.' });
    if (first.status === 200) return true;
    const proposed = await admin.call('POST', `${url}/proposals`, { spec, reason: 'Try.' });
    // Of what holds already there is nothing to approve.
    if (/"Unchanged"/.test(proposed.body)) return true;
    if (proposed.status === 422) return false;
    assert.equal(proposed.status, 201, proposed.body);
    const { id } = JSON.parse(proposed.body) as { id: string };
    await people.kim.client.json('POST', `${url}/proposals/${id}/approve`, {});
    return true;
  }

  function peopleByName(): Record<string, readonly string[]> {
    const { omar, ada, ben, kim } = people;
    const admins = [adminId, kim.id];
    return {
      security: [ada.id, ben.id],
      'org-admins': admins,
      // Nobody else answers for a file in this repository.
      codeowners: admins,
      [ada.email]: [ada.id],
      [omar.email]: [omar.id],
    };
  }

  const factsOf = (more: Partial<NaiveFacts>): NaiveFacts => ({
    now: Date.now(),
    reviewed: true,
    who: people.omar.id,
    authors: [people.omar.id],
    verdicts: {},
    people: peopleByName(),
    checks: {},
    base: { before: {}, merged: {}, head: {} },
    soakedMs: undefined,
    ...more,
  });

  /** The same change straight to the branch: by API and by push. */
  async function compareDirect(rules: readonly NaiveRule[], word: string): Promise<void> {
    const { client } = people.omar;
    const plan = await client.plan(environment, {
      action: 'configure',
      application: 'shop',
      values: webApp(word),
    });
    assert.deepEqual(plan.problems, []);
    const closed = naivelyClosed(rules, factsOf({ reviewed: false }));
    const isProtected = rules.some(({ kind }) => kind === 'pr-required');
    assert.deepEqual(
      closedKinds(plan.policy?.gates ?? []),
      closed,
      'the plan says what the second opinion says',
    );
    assert.equal(plan.policy?.allowed, closed.length === 0);
    const work = clone(sovereign, client.token, 'acme/shop', 'main');
    writeFileSync(join(work, 'overlays/prod/values.yaml'), `# ${word}\n{}\n`);
    const pushed = commitAndPush(work, `Say ${word}`);
    assert.equal(pushed.status === 0, closed.length === 0, pushed.output);
    for (const reason of reasonsOf(plan.policy?.gates ?? []))
      assert.ok(pushed.output.includes(reason), `the terminal says: ${reason}\n${pushed.output}`);
    if (isProtected) assert.notEqual(pushed.status, 0);
  }

  /** Makes a commit that does it, on the branch as it is or on one that is behind. */
  function commitDeed(work: string, deed: Deed, word: string, behind = false): void {
    // As it was before base/ became another one last.
    const changes = git(work, 'log', '--first-parent', '--format=%H', 'origin/main', '--', 'base');
    const [last] = changes.output.split('\n');
    if (behind && last) git(work, 'checkout', '--quiet', '--detach', `${last}~1`);
    if (!existsSync(join(work, 'base/application.yaml')))
      git(work, 'checkout', '--quiet', '--detach', 'origin/main');
    mkdirSync(join(work, 'notes'), { recursive: true });
    writeFileSync(join(work, `notes/${word}.md`), 'Another file.\n');
    switch (deed) {
      case 'overlay':
        writeFileSync(join(work, 'overlays/prod/values.yaml'), `# ${word} for review\n{}\n`);
        break;
      case 'new file':
        writeFileSync(join(work, `base/${word}.md`), 'Another base.\n');
        break;
      case 'uninstall':
        if (random.chance(0.5)) rmSync(join(work, 'base'), { recursive: true });
        else rmSync(join(work, 'base/application.yaml'));
        break;
      case 'uninstall and more':
        rmSync(join(work, 'base/application.yaml'));
        appendFileSync(join(work, 'base/values.yaml'), `# ${word}\n`);
        break;
      default:
        rmSync(join(work, 'base'), { recursive: true, force: true });
        git(work, 'checkout', '--quiet', 'origin/staging', '--', 'base');
    }
    git(work, 'add', '-A');
    git(work, 'commit', '--quiet', '-m', `Say ${word}`);
  }

  function isBehind(deed: Deed): boolean {
    if (deed === 'as it ran, from behind') return true;
    return deed !== 'overlay' && deed !== 'as it ran, on top' && random.chance(0.3);
  }

  /** The same again on top of everything, where it could not be merged. */
  function prepare(work: string, deed: Deed, word: string): NaiveFacts['base'] {
    for (let tries = 0; tries < 20; tries += 1) {
      git(work, 'checkout', '--quiet', '--force', '--detach', 'origin/main');
      commitDeed(work, deed, word, isBehind(deed));
      const head = git(work, 'rev-parse', 'HEAD').output.trim();
      const merged = mergedBase(work, head);
      if (merged) return { before: baseOf(work, 'origin/main'), merged, head: baseOf(work, head) };
    }
    throw new Error(`${deed} conflicts again and again`);
  }

  /** What was uninstalled is there again, as it ran elsewhere. */
  async function restore(word: string): Promise<void> {
    const { omar, ada } = people;
    assert.ok(await protect(openAtFirst));
    const work = clone(sovereign, omar.client.token, 'acme/shop', 'main');
    commitDeed(work, 'as it ran', word);
    const pushed = git(work, 'push', '-o', 'pull-request', 'origin', '+HEAD:main');
    const number = Number(/Pull request #(\d+) is open/.exec(pushed.output)?.[1]);
    const of = { application: 'shop', number };
    const { head } = await detail(of);
    await ada.client.json('POST', path(of, '/reviews'), { verdict: 'approve', revision: head });
    await omar.client.json('POST', path(of, '/merge'), { expectedHead: head });
    await omar.client.waitFor(environment, 'shop', ({ revision }) => revision !== '');
  }

  /** A pull request by push, then verdicts and results of all kinds, then the merge. */
  async function compareReviewed(
    rules: readonly NaiveRule[],
    deed: Deed,
    word: string,
  ): Promise<'merged' | 'refused'> {
    const { omar, ada, ben, kim } = people;
    const work = clone(sovereign, omar.client.token, 'acme/shop', 'main');
    const base = prepare(work, deed, word);
    const ran = isSame(base.head, baseOf(work, 'origin/staging'));
    const known = () => ({ base, soakedMs: ran ? Date.now() - ranSince : undefined });
    const pushed = git(work, 'push', '-o', 'pull-request', 'origin', '+HEAD:main');
    const number = Number(/Pull request #(\d+) is open/.exec(pushed.output)?.[1]);
    assert.ok(number > 0, pushed.output);
    const of = { application: 'shop', number };
    const opened = await detail(of);
    assert.deepEqual(closedKinds(opened.gates), naivelyClosed(rules, factsOf(known())), 'when it is opened');
    for (const reason of reasonsOf(opened.gates))
      assert.ok(pushed.output.includes(reason), `the terminal says: ${reason}\n${pushed.output}`);
    assert.equal(/can be merged/.test(pushed.output), opened.mergeable);
    const verdicts: Record<string, { verdict: 'approve' | 'request-changes'; fresh: boolean }> = {};
    for (const person of [ada, ben, kim]) {
      if (rules !== openAtFirst && random.chance(0.35)) continue;
      const verdict = rules === openAtFirst || random.chance(0.85) ? 'approve' : 'request-changes';
      const { head: revision, content } = opened;
      await person.client.json('POST', path(of, '/reviews'), { verdict, revision, content });
      verdicts[person.id] = { verdict, fresh: true };
    }
    const checks: Record<string, 'success' | 'failure'> = {};
    for (const name of ['scan', 'unit tests']) {
      if (random.chance(0.3)) continue;
      const status = random.chance(0.8) ? 'success' : 'failure';
      await outside.json('PUT', path(of, `/checks/${encodeURIComponent(name)}`), {
        revision: opened.head,
        status,
      });
      checks[name] = status;
    }
    const shown = await detail(of);
    const closed = naivelyClosed(rules, factsOf({ verdicts, checks, ...known() }));
    assert.deepEqual(closedKinds(shown.gates), closed, 'the page says what the second opinion says');
    assert.equal(shown.mergeable, closed.length === 0, shown.why);
    const { head: expectedHead, content } = shown;
    const merged = await omar.client.call('POST', path(of, '/merge'), { expectedHead, content });
    assert.equal(merged.status, closed.length === 0 ? 200 : 422, merged.body);
    const isChange = !isSame(base.before, base.merged) && rules.some(({ kind }) => kind === 'soak');
    if (merged.status === 200) {
      if (isChange && ran) count.soaked += 1;
      if (base.merged['base/application.yaml'] === undefined) {
        count.uninstalled += 1;
        await restore(`restored-${word}`);
      }
      return 'merged';
    }
    if (isChange && ran && !isSame(base.merged, base.head)) count.unlikeHead += 1;
    const { problems = [] } = JSON.parse(merged.body) as ProblemDocument;
    assert.deepEqual(
      problems.map(({ message }) => message),
      reasonsOf(shown.gates),
      'the merge says what the page says',
    );
    await omar.client.json('PATCH', path(of), { state: 'closed' });
    return 'refused';
  }

  it('a conflict and a problem: page, merge, inbox and the terminal of the push never differ', async () => {
    const { client } = people.omar;
    const push = async (from: string, file: string, text: string) => {
      const work = clone(sovereign, client.token, 'acme/shop', 'staging');
      git(work, 'checkout', '--quiet', from);
      mkdirSync(dirname(join(work, file)), { recursive: true });
      writeFileSync(join(work, file), text);
      git(work, 'add', '-A');
      git(work, 'commit', '--quiet', '-m', `Write ${file}`);
      // The plus is for Git on this side, which would not send what is behind.
      const pushed = git(work, 'push', '-o', 'pull-request', 'origin', '+HEAD:staging');
      const number = Number(/Pull request #(\d+) is open/.exec(pushed.output)?.[1]);
      assert.ok(number > 0, pushed.output);
      return { output: pushed.output, page: await detail({ application: 'shop', number }) };
    };
    const work = clone(sovereign, client.token, 'acme/shop', 'staging');
    const before = git(work, 'rev-parse', 'HEAD').output.trim();
    writeFileSync(join(work, 'notes.md'), 'theirs\n');
    assert.equal(commitAndPush(work, 'Note').status, 0);
    const cases = [
      { ...(await push(before, 'notes.md', 'ours\n')), code: 'MergeConflict', kind: 'conflict' },
      {
        ...(await push('HEAD', 'overlays/prod/values.yaml', '# not here\n')),
        code: 'ForeignOverlay',
        kind: 'problem',
      },
    ];
    const { items } = await client.json<Inbox>('GET', '/v1/inbox');
    for (const { output, page, code, kind } of cases) {
      assert.equal(page.mergeable, false);
      assert.ok(output.includes(page.why), `the terminal says: ${page.why}\n${output}`);
      assert.doesNotMatch(output, /can be merged/);
      const { head: expectedHead, content } = page;
      const merged = await client.call('POST', path(page, '/merge'), { expectedHead, content });
      assert.equal((JSON.parse(merged.body) as ProblemDocument).code, code, merged.body);
      const waits = items.find(({ number, application }) => application === 'shop' && number === page.number);
      assert.deepEqual([waits?.kind, waits?.why], [kind, page.why]);
      await client.json('PATCH', path(page), { state: 'closed' });
    }
  });

  it('policies and changes at random: preview, API, merge, push and a second opinion never differ', async (t) => {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, ranSince + soakedMs - Date.now())));
    for (let round = 0; round < rounds; ) {
      const [rules, deed] = atFirst[round] ?? [makeRules(), random.pick(deeds)];
      if (!(await protect(rules))) {
        count.contradictory += 1;
        assert.ok(count.contradictory < 40 * rounds);
        continue;
      }
      round += 1;
      // A minute that ends between two looks would change what is open.
      const left = 60_000 - (Date.now() % 60_000);
      if (left < 8_000) await new Promise((resolve) => setTimeout(resolve, left + 200));
      const context = JSON.stringify([deed, rules]);
      try {
        await compareDirect(rules, `direct-${round}`);
        count[await compareReviewed(rules, deed, `reviewed-${round}`)] += 1;
      } catch (error) {
        throw new Error(`round ${round}, seed ${seed}: ${context}`, { cause: error });
      }
    }
    t.diagnostic(`seed ${seed}: ${JSON.stringify(count)}`);
    assert.ok(count.merged > 0 && count.refused > 0, JSON.stringify(count));
    assert.ok(count.soaked > 0 && count.unlikeHead > 0 && count.uninstalled > 0, JSON.stringify(count));
  });
});
