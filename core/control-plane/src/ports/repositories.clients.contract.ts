import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs, { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import isomorphic from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { codeOf, request, shop, valueIn } from './repositories.kit.contract.ts';
import type { Repositories } from './repositories.ts';

/** Repositories behind HTTP, `shop` among them with the branches `develop` (its HEAD) and `main`, and a clone of it in `work`. */
export interface ServedRepositories {
  readonly repositories: Repositories;
  /** URL of `shop` with the credentials of somebody who may write. */
  readonly url: string;
  /** Folder with the clone `work` and what else a test puts there. */
  readonly directory: string;
  /** Git's own client with a home of its own. */
  git(folder: string, ...args: string[]): Promise<{ readonly ok: boolean; readonly output: string }>;
  stop(): Promise<void>;
}

type Work = (served: ServedRepositories) => Promise<void>;
type WithServed = (work: Work) => () => Promise<void>;

/** What Git clients may expect of repositories that were made with `testJudge`, whoever serves them. */
export function clientsContract(name: string, serve: () => Promise<ServedRepositories>): void {
  const withServed: WithServed = (work) => async () => {
    const served = await serve();
    try {
      await work(served);
    } finally {
      await served.stop();
    }
  };
  describe(`${name} serves git`, () => gitClient(withServed));
  describe(`${name} keeps from git`, () => hostilePushes(withServed));
  describe(`${name} serves another client`, () => otherClient(withServed));
}

function put({ directory }: ServedRepositories, path: string, content: string | Uint8Array): void {
  mkdirSync(join(directory, dirname(path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

async function commitAll({ git }: ServedRepositories, folder = 'work'): Promise<string> {
  await git(folder, 'add', '-A');
  const { ok, output } = await git(folder, 'commit', '-q', '-m', 'Edit');
  assert.ok(ok, output);
  return (await git(folder, 'rev-parse', 'HEAD')).output.trim();
}

function gitClient(withServed: WithServed): void {
  it(
    'takes a push from a shallow clone, and from one without the old contents',
    withServed(async (served) => {
      const { git, repositories, url } = served;
      put(served, 'work/a.txt', 'second');
      await commitAll(served);
      assert.ok((await git('work', 'push', '-q', 'origin', 'develop')).ok);
      for (const [folder, how] of [
        ['shallow', '--depth=1'],
        ['partial', '--filter=blob:none'],
      ] as const) {
        const cloned = await git('.', 'clone', '-q', how, url, folder);
        assert.ok(cloned.ok, cloned.output);
        put(served, `${folder}/${folder}.txt`, folder);
        const head = await commitAll(served, folder);
        const pushed = await git(folder, 'push', '-q', 'origin', 'develop');
        assert.ok(pushed.ok, pushed.output);
        assert.equal(await repositories.head(shop, 'develop'), head);
        await git('work', 'pull', '-q');
      }
      assert.equal((await repositories.history(shop, 'develop')).length, 4);
    }),
  );

  it(
    'moves several branches or none, where the client asks for that',
    withServed(async (served) => {
      const { git, repositories, url } = served;
      const before = [await repositories.head(shop, 'develop'), await repositories.head(shop, 'main')];
      put(served, 'work/a.txt', 'x');
      const head = await commitAll(served);
      await git('.', 'clone', '-q', url, 'other');
      put(served, 'other/b.txt', 'x');
      await commitAll(served, 'other');
      assert.ok((await git('other', 'push', '-q', 'origin', 'HEAD:feature')).ok);
      const refused = await git('work', 'push', '--atomic', 'origin', 'HEAD:develop', 'HEAD:feature');
      assert.equal(refused.ok, false);
      assert.equal(await repositories.head(shop, 'develop'), before[0]);
      const passed = await git(
        'work',
        'push',
        '--atomic',
        'origin',
        'HEAD:develop',
        'HEAD:feature/x',
        '+HEAD:poc',
      );
      assert.equal(passed.ok, false, 'feature is in the way of feature/x');
      assert.equal(await repositories.head(shop, 'develop'), before[0]);
      assert.equal(await repositories.head(shop, 'poc'), undefined);
      const all = await git('work', 'push', '--atomic', 'origin', 'HEAD:develop', 'HEAD:topic/x', 'HEAD:poc');
      assert.ok(all.ok, all.output);
      assert.deepEqual(
        [await repositories.head(shop, 'develop'), await repositories.head(shop, 'poc')],
        [head, head],
      );
      assert.equal(await repositories.head(shop, 'main'), before[1]);
    }),
  );

  it(
    'carries large and binary files to the byte',
    withServed(async (served) => {
      const { git, repositories, url } = served;
      const large = randomBytes(8 * 1024 * 1024);
      put(served, 'work/large.bin', large);
      put(served, 'work/odd.bin', Uint8Array.from([0, 13, 10, 0, 255, 254]));
      const head = await commitAll(served);
      const pushed = await git('work', 'push', '-q', 'origin', 'develop');
      assert.ok(pushed.ok, pushed.output);
      assert.deepEqual(Buffer.from((await repositories.read(shop, head, 'large.bin')) ?? []), large);
      const next = { 'more.bin': Uint8Array.from(large), 'odd.bin': null };
      valueIn(await repositories.commit(request(next, head)));
      await git('.', 'clone', '-q', url, 'copy');
      assert.deepEqual(readFileSync(join(served.directory, 'copy/more.bin')), large);
    }),
  );

  it(
    'fetches the head of a pull request, and shows who brought each of its commits',
    withServed(async (served) => {
      const { git, repositories } = served;
      const before = (await repositories.head(shop, 'develop')) ?? '';
      put(served, 'work/a.txt', '1');
      const first = await commitAll(served);
      put(served, 'work/a.txt', '2');
      const second = await commitAll(served);
      assert.ok((await git('work', 'push', '-q', 'origin', 'HEAD:feature')).ok);
      const carried = await repositories.commitsBetween(shop, before, second);
      assert.deepEqual(
        carried.map(({ revision, pusher }) => [revision, pusher?.surface]),
        [
          [second, 'git'],
          [first, 'git'],
        ],
      );
      await repositories.setPullHead(shop, 12, second);
      assert.ok((await git('work', 'push', '-q', 'origin', ':feature')).ok);
      assert.ok((await git('work', 'fetch', '-q', 'origin', 'refs/pull/12/head')).ok);
      assert.equal((await git('work', 'rev-parse', 'FETCH_HEAD')).output.trim(), second);
    }),
  );

  it(
    'lets pushers and writers race for one branch: everything acknowledged is there exactly once',
    withServed(async (served) => {
      const { git, repositories, url } = served;
      const pusher = async (n: number) => {
        const folder = `racer-${n}`;
        await git('.', 'clone', '-q', url, folder);
        put(served, `${folder}/pushed-${n}`, 'x');
        await commitAll(served, folder);
        while (!(await git(folder, 'push', '-q', 'origin', 'develop')).ok)
          assert.ok((await git(folder, 'pull', '-q', '--rebase')).ok);
        return (await git(folder, 'rev-parse', 'HEAD')).output.trim();
      };
      const writer = async (n: number): Promise<string> => {
        const head = (await repositories.head(shop, 'develop')) ?? null;
        const made = await repositories.commit(request({ [`written-${n}`]: 'x' }, head));
        return made.ok ? made.value.newRevision : writer(n);
      };
      const racers = [
        ...Array.from({ length: 4 }, (_, n) => pusher(n)),
        ...Array.from({ length: 20 }, (_, n) => writer(n)),
      ];
      const acknowledged = await Promise.all(racers);
      const history = (await repositories.history(shop, 'develop')).map(({ revision }) => revision);
      assert.deepEqual(history.slice(0, -1).sort(), acknowledged.sort());
    }),
  );
}

function hostilePushes(withServed: WithServed): void {
  it(
    'its own refs, and the past of the branches of Environments',
    withServed(async (served) => {
      const { git, repositories } = served;
      const head = await repositories.head(shop, 'develop');
      await git('work', 'commit', '-q', '--amend', '--allow-empty', '-m', 'Another past');
      for (const [refspec, want] of [
        ['+HEAD:develop', /only moves forward/],
        [':develop', /cannot be deleted/],
        [':main', /cannot be deleted/],
        ['HEAD:refs/pull/1/head', /refs\/pull\/ is kept by Catalyst/],
        ['HEAD:refs/pull/1/merge', /refs\/pull\/ is kept by Catalyst/],
        ['HEAD:refs/catalyst/x', /refs\/catalyst\/ is kept by Catalyst/],
        ['HEAD:refs/replace/x', /only branches and tags/],
        ['HEAD:refs/tags/develop', /only branches and tags/],
        ['HEAD:refs/heads/Develop', /only branches and tags/],
        ['HEAD:refs/heads/HEAD', /only branches and tags/],
        ['HEAD:refs/heads/refs/heads/develop', /only branches and tags/],
        ['HEAD:develop/x', /develop/],
      ] as const) {
        const refused = await git('work', 'push', 'origin', refspec);
        assert.equal(refused.ok, false, refspec);
        assert.match(refused.output, want);
      }
      assert.equal(await repositories.head(shop, 'develop'), head);
      assert.doesNotMatch(
        (await git('work', 'ls-remote', 'origin')).output,
        /refs\/(?:pull|catalyst|replace)/,
      );
    }),
  );

  it(
    'links, submodules, names of Git, and more than a revision may hold',
    withServed(async (served) => {
      const { git, directory, repositories } = served;
      const head = await repositories.head(shop, 'develop');
      const object = (await git('work', 'rev-parse', 'HEAD')).output.trim();
      const blob = (await git('work', 'hash-object', '-w', '--path=x', '.git/HEAD')).output.trim();
      const index = (entry: string) => git('work', 'update-index', '--add', '--cacheinfo', entry);
      const attacks: [why: string, make: () => unknown, want: RegExp][] = [
        ['a link', () => symlinkSync('/etc/passwd', join(directory, 'work/link')), /link: A link/],
        ['a submodule', () => index(`160000,${object},sub`), /sub: A submodule/],
        [
          'a short name',
          () => index(`100644,${blob},GIT~2`),
          /".git" belongs to Git|invalid path|hasDotgit/i,
        ],
        ['a dot at the end', () => index(`100644,${blob},name.`), /name\.: .*ends in a dot/],
        ['a backslash', () => index(`100644,${blob},a\\b`), /holds a backslash/],
        ['a control code', () => index(`100644,${blob},a\u0007b`), /a\?b: .*control character/],
        ['70 MB of nothing', () => put(served, 'work/zero', Buffer.alloc(70 * 1024 * 1024)), /64 MB/],
      ];
      for (const [why, make, want] of attacks) {
        await git('work', 'reset', '-q', '--hard', 'origin/develop');
        await git('work', 'clean', '-qfd');
        await make();
        if (why === 'a link' || why.startsWith('70 MB')) await git('work', 'add', '-A');
        await git('work', 'commit', '-q', '-m', why);
        const refused = await git('work', 'push', 'origin', 'develop');
        assert.equal(refused.ok, false, why);
        assert.match(refused.output, want, why);
        assert.equal(await repositories.head(shop, 'develop'), head, why);
      }
    }),
  );
}

function otherClient(withServed: WithServed): void {
  it(
    'isomorphic-git clones, commits, pushes, and is refused with the reason',
    withServed(async ({ repositories, url, directory }) => {
      const dir = join(directory, 'isomorphic');
      const { username, password, origin, pathname } = new URL(url);
      const said: string[] = [];
      const common = {
        fs,
        http,
        dir,
        onAuth: () => ({ username, password }),
        onMessage: (text: string) => void said.push(text),
      };
      await isomorphic.clone({ ...common, url: `${origin}${pathname}`, ref: 'develop' });
      const commit = async (path: string, content: string) => {
        writeFileSync(join(dir, path), content);
        await isomorphic.add({ fs, dir, filepath: path });
        return isomorphic.commit({
          fs,
          dir,
          message: 'Iso',
          author: { name: 'Iso', email: 'i@example.com' },
        });
      };
      const head = await commit('iso.txt', 'from JavaScript\n');
      const pushed = await isomorphic.push({ ...common, ref: 'develop' });
      assert.equal(pushed.ok, true);
      assert.equal(await repositories.head(shop, 'develop'), head);
      assert.equal((await repositories.history(shop, 'develop'))[0]?.author.name, 'Iso');

      await commit('refuse.yaml', 'bad');
      await assert.rejects(isomorphic.push({ ...common, ref: 'develop' }));
      assert.match(said.join(''), /refuse\.yaml: spec: has "bad"/);
      assert.equal(await repositories.head(shop, 'develop'), head);

      const made = await repositories.commit(request({ 'api.txt': 'x' }, head));
      assert.equal(codeOf(made), undefined);
      await isomorphic.fetch({ ...common, ref: 'develop' });
      const fetched = await isomorphic.resolveRef({ fs, dir, ref: 'refs/remotes/origin/develop' });
      assert.equal(fetched, valueIn(made).newRevision);
    }),
  );
}
