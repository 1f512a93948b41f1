import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileOwners, isOwnerHandle, parseCodeowners, parseTeamHandle } from './codeowners.ts';

const owners = (text: string, path: string) => compileOwners(parseCodeowners(text).rules)(path);

describe('who owns a path', () => {
  const file = [
    '# everybody answers to the admins',
    '* @acme/org-admins',
    '/base/ @acme/platform dana@example.net',
    'base/values.yaml @acme/product # theirs',
    'overlays/*/values.yaml @acme/ops',
    '/docs/* @acme/writers',
    '**/secrets/** @acme/security',
    '/open/',
    '/with\\ space.md @acme/product',
  ].join('\n');
  for (const { name, path, want } of [
    { name: 'a star owns everything', path: 'README.md', want: ['@acme/org-admins'] },
    {
      name: 'a folder owns all that is in it',
      path: 'base/deep/file.yaml',
      want: ['@acme/platform', 'dana@example.net'],
    },
    { name: 'the last match wins', path: 'base/values.yaml', want: ['@acme/product'] },
    { name: 'a star stays inside one folder', path: 'overlays/prod/values.yaml', want: ['@acme/ops'] },
    { name: 'a star does not cross folders', path: 'overlays/a/b/values.yaml', want: ['@acme/org-admins'] },
    { name: '"docs/*" owns files of docs', path: 'docs/a.md', want: ['@acme/writers'] },
    { name: '"docs/*" owns none of its folders', path: 'docs/a/b.md', want: ['@acme/org-admins'] },
    { name: 'two stars cross folders', path: 'x/secrets/y/z.yaml', want: ['@acme/security'] },
    { name: 'without owners nobody owns it', path: 'open/file', want: [] },
    { name: 'a space is escaped', path: 'with space.md', want: ['@acme/product'] },
    { name: 'a leading slash binds to the root', path: 'x/base/file', want: ['@acme/org-admins'] },
    { name: 'case matters', path: 'Base/values.yaml', want: ['@acme/org-admins'] },
  ])
    it(name, () => assert.deepEqual(owners(file, path), want));

  it('is undefined where nothing speaks of it', () =>
    assert.equal(owners('/base/ a@example.net', 'x'), undefined));
});

describe('a CODEOWNERS file that makes no sense', () => {
  for (const { name, text } of [
    { name: 'an owner without a form', text: '* dana' },
    { name: 'a team without an Organization', text: '* @security' },
    { name: 'a team with a path', text: '* @acme/a/b' },
    { name: 'negation', text: '!base/ @acme/ops' },
    { name: 'a range', text: '[ab] @acme/ops' },
    { name: 'an owner in the place of the pattern', text: '@acme/ops' },
    { name: 'wildcards without end', text: `${'*a'.repeat(20)} @acme/ops` },
    { name: 'a long pattern', text: `${'a'.repeat(201)} @acme/ops` },
    { name: 'too many folders of stars', text: '**/**/**/a @acme/ops' },
    { name: 'too many owners', text: `* ${'a@example.net '.repeat(51)}` },
  ])
    it(`${name} is said with its line`, () => {
      const { problems, rules } = parseCodeowners(`\n${text}`);
      assert.equal(problems[0]?.field, 'line 2');
      assert.deepEqual(rules, []);
    });

  it('is bounded', () => {
    assert.equal(parseCodeowners('#'.repeat(70_000)).problems[0]?.code, 'TooLarge');
    assert.equal(parseCodeowners('* a@example.net\n'.repeat(600)).problems[0]?.code, 'TooLarge');
  });

  it('never throws, and what it takes can be compiled and asked', () => {
    const word = fc.string({ maxLength: 12, unit: fc.constantFrom(...'ab*?/\\ .@#!-_') });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), word, (lines, path) => {
        const { rules } = parseCodeowners(lines.map((line) => `${line} @acme/ops`).join('\n'));
        const found = compileOwners(rules)(path);
        assert.ok(found === undefined || found.every(isOwnerHandle));
      }),
    );
  });

  it('matches hostile patterns in bounded time', () => {
    const { rules } = parseCodeowners('**/*a*b/**/*a*b/*c*d @acme/ops');
    const path = `${`${'a'.repeat(200)}/`.repeat(5)}${'c'.repeat(20)}`;
    const begun = performance.now();
    compileOwners(rules)(path);
    assert.ok(performance.now() - begun < 1_000);
  });
});

describe('a team handle', () => {
  it('has an Organization and a team', () =>
    assert.deepEqual(parseTeamHandle('@acme/sec-ops'), { organization: 'acme', team: 'sec-ops' }));
  it('is nothing else', () => assert.equal(parseTeamHandle('dana@example.net'), undefined));
});
