import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CatalystError } from '@catalyst/model/problem.ts';
import {
  codeOf,
  createShop,
  request,
  shop,
  valueIn,
  type WithRepositories,
} from './repositories.kit.contract.ts';

/** What is no name, no path and no head here is refused, and nothing moves. */
export function namesContract(withRepositories: WithRepositories): void {
  it(
    'refuses another head, a missing repository, and what the judge refuses; nothing moves',
    withRepositories(async (repositories) => {
      const head = valueIn(await createShop(repositories))[0]?.newRevision ?? null;
      assert.equal(codeOf(await repositories.commit(request({ a: 'b' }, null))), 'Conflict');
      assert.equal(codeOf(await repositories.commit(request({ a: 'b' }, '1'.repeat(40)))), 'Conflict');
      assert.equal(
        codeOf(await repositories.commit(request({ a: 'b' }, head, { branch: 'uat' }))),
        'Conflict',
      );
      const nowhere = { repository: { organization: 'acme', name: 'none' } };
      assert.equal(codeOf(await repositories.commit(request({ a: 'b' }, null, nowhere))), 'NotFound');
      assert.equal(codeOf(await repositories.commit(request({ 'refuse.yaml': 'b' }, head))), 'Refused');
      assert.equal(await repositories.head(shop, 'develop'), head);
      assert.equal((await repositories.history(shop, 'develop')).length, 1);
      assert.equal(valueIn(await repositories.commit(request({ a: 'b' }, head))).sequence, 4);
    }),
  );

  for (const [why, path] of [
    ['leaves the tree', '../x'],
    ['is absolute', '/etc/passwd'],
    ['has an empty part', 'a//b'],
    ['belongs to Git', 'a/.git/hooks/x'],
    ['belongs to Git on another system', 'a/.GIT /x'],
    ['is a short name of Git', 'git~1/x'],
    ['is a short name of Git in capitals', 'a/GIT~23'],
    ['is a stream of Git on NTFS', '.git::$INDEX_ALLOCATION/config'],
    ['is Git with dots and spaces on NTFS', 'a/.git. . ./config'],
    ['is a short name of Git with a stream', 'GIT~1:x'],
    ['is Git in wide letters', '\uff0egit/config'],
    ['is Git with a joiner of HFS+', '.gi\u200dt/config'],
    ['is Git with a mark of HFS+', '\ufeff.git/config'],
    ['ends in a dot', 'a/b./c'],
    ['ends in a space', 'a '],
    ['turns the reading direction', 'a\u202eb'],
    ['holds a null', 'a\0b'],
    ['is empty', ''],
    ['is the folder itself', '.'],
    ['is too deep', `${'a/'.repeat(40)}b`],
    ['hides Git behind an invisible letter', '.g\u200cit/x'],
    ['holds a control character', 'a\u0007b'],
    ['holds a line break', 'a\nb'],
    ['holds a backslash', 'a\\b'],
    ['is too long', `${'x'.repeat(300)}`],
    ['differs in case only', 'A.txt'],
    ['differs in wide letters only', '\uff41.txt'],
    ['is a folder where a file is', 'a.txt/b'],
  ] as const)
    it(
      `refuses a path that ${why}`,
      withRepositories(async (repositories) => {
        const head = valueIn(await createShop(repositories))[0]?.newRevision ?? null;
        assert.equal(codeOf(await repositories.commit(request({ [path]: 'x' }, head))), 'Invalid');
        assert.equal(await repositories.head(shop, 'develop'), head);
      }),
    );

  it(
    'keeps two names apart that only look alike, and one name in two Unicode forms does not pass twice',
    withRepositories(async (repositories) => {
      const head = valueIn(await createShop(repositories, { 'caf\u00e9/a': '1' }))[0]?.newRevision ?? null;
      assert.equal(codeOf(await repositories.commit(request({ 'cafe\u0301/b': '2' }, head))), 'Invalid');
      assert.equal(codeOf(await repositories.commit(request({ 'CAF\u00c9/b': '2' }, head))), 'Invalid');
      const fine = {
        'caf\u00e9/b': '2',
        'cafe/b': '3',
        '.gitignore': '',
        'a~1': '',
        git: '',
        '...x': '',
        __proto__x: '',
      };
      const { newRevision } = valueIn(await repositories.commit(request(fine, head)));
      assert.equal((await repositories.files(shop, newRevision)).length, 8);
    }),
  );

  it(
    'takes branch names and authors for what they are',
    withRepositories(async (repositories) => {
      await createShop(repositories);
      for (const branch of hostileBranches)
        assert.equal(
          codeOf(await repositories.commit(request({ a: 'b' }, null, { branch }))),
          'Invalid',
          branch,
        );
      const hostile = { name: 'Eve <root@x> 0 +0000\nparent 1', email: 'e>\n@x' };
      const made = await repositories.commit(
        request({ a: 'b' }, null, { branch: 'feature/x', author: hostile }),
      );
      const [commit] = await repositories.history(shop, 'feature/x');
      assert.equal(commit?.revision, valueIn(made).newRevision);
      assert.deepEqual(commit?.parents, []);
      await assert.rejects(repositories.files(shop, '--help'), (error) => error instanceof CatalystError);
      assert.equal(await repositories.read(shop, 'HEAD', 'a.txt'), undefined);
    }),
  );
}

const hostileBranches = [
  '--upload-pack=x',
  'a..b',
  'a b',
  '../../HEAD',
  'x.lock',
  'x.lock/y',
  'a//b',
  '',
  '/a',
  'a/',
  '.a',
  'a/.b',
  'a.',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[b',
  'a\\b',
  'a@{1}',
  '@',
  'a\u0000b',
  'a\nb',
  'a\u0007',
  '\u00e9',
  'x'.repeat(300),
];
