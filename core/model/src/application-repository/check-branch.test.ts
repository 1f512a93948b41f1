import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BranchContext, checkBranch } from './check-branch.ts';
import { overlayPaths } from './paths.ts';
import { type RepositoryFiles, writeBase, writeOverlay } from './write-files.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const url = 'oci://localhost:7070/catalog/bp-wordpress';
const urlOf = (host: string) => `http://${host}:7070`;
const paths = overlayPaths('dev');

const context: BranchContext = {
  organization: 'acme',
  application: 'blog',
  envType: 'dev',
  environment: 'acme-dev',
  hostSuffix: '.acme-dev.localhost',
  blueprint: (name, version) =>
    name === 'bp-wordpress' && version === '1.0.0' ? { digest, url } : undefined,
  provider: (name) =>
    ({
      db: { blueprint: 'bp-mariadb', version: '1.2.0', service: 'mariadb', port: 3306 },
      old: { blueprint: 'bp-mariadb', version: '0.9.0', service: 'mariadb', port: 3306 },
    })[name],
  satisfies: (version, range) => range === '^1.0' && version.startsWith('1.'),
  urlOf,
};

function installation(changes: RepositoryFiles = {}): RepositoryFiles {
  return {
    CODEOWNERS: '* @acme/org-admins\n',
    ...writeBase({
      application: 'blog',
      organization: 'acme',
      blueprint: { name: 'bp-wordpress', version: '1.0.0', digest, url },
      requires: [{ alias: 'db', blueprint: 'bp-mariadb', version: '^1.0' }],
      secrets: ['keys'],
      values: { title: 'Our blog' },
    }),
    ...writeOverlay({
      application: 'blog',
      organization: 'acme',
      environment: 'acme-dev',
      envType: 'dev',
      hosts: ['blog.acme-dev.localhost'],
      url: urlOf('blog.acme-dev.localhost'),
      bindings: [{ alias: 'db', application: 'db', service: 'mariadb', port: 3306 }],
      values: { replicas: 2 },
    }),
    ...changes,
  };
}

function edited(path: string, from: string | RegExp, to: string): RepositoryFiles {
  const files = installation();
  const text = files[path] ?? '';
  const next = text.replace(from, to);
  assert.notEqual(next, text, 'the test must change something');
  return { ...files, [path]: next };
}

describe('checkBranch', () => {
  it('accepts what Catalyst writes and reads it back', () => {
    const checked = checkBranch(installation(), context);
    assert.ok(checked.ok, JSON.stringify(checked));
    assert.deepEqual(checked.value, {
      declaration: {
        application: 'blog',
        organization: 'acme',
        environment: 'acme-dev',
        blueprint: { name: 'bp-wordpress', version: '1.0.0', digest },
        requires: [{ alias: 'db', blueprint: 'bp-mariadb', version: '^1.0' }],
        bindings: [{ alias: 'db', application: 'db' }],
        hosts: ['blog.acme-dev.localhost'],
        paused: false,
      },
      baseValues: { title: 'Our blog' },
      overlayValues: { replicas: 2 },
    });
  });

  it('lets people comment and reformat a generated file that says the same', () => {
    assert.ok(
      checkBranch(edited(paths.bindings, 'dependencies:', '# the database\ndependencies:'), context).ok,
    );
  });

  const refusals: {
    name: string;
    files: () => RepositoryFiles;
    code: string;
    file: string;
    field?: string;
  }[] = [
    {
      name: 'YAML that does not parse, by line',
      files: () => installation({ [paths.values]: 'a: [1\nb: 2\n' }),
      code: 'InvalidYaml',
      file: paths.values,
    },
    {
      name: 'a YAML bomb',
      files: () => installation({ [paths.values]: bomb() }),
      code: 'AliasBomb',
      file: paths.values,
    },
    {
      name: 'a field that does not exist',
      files: () => edited('base/application.yaml', 'spec:\n', 'spec:\n  owner: me\n'),
      code: 'InvalidField',
      file: 'base/application.yaml',
      field: 'spec.owner',
    },
    {
      name: 'the name of another repository',
      files: () => edited('base/application.yaml', 'name: blog', 'name: other'),
      code: 'NameMismatch',
      file: 'base/application.yaml',
      field: 'metadata.name',
    },
    {
      name: 'another Organization',
      files: () => edited('base/application.yaml', 'organization: acme', 'organization: other'),
      code: 'NameMismatch',
      file: 'base/application.yaml',
      field: 'spec.organization',
    },
    {
      name: 'a version that the catalog lacks',
      files: () => edited('base/application.yaml', 'version: 1.0.0', 'version: 9.9.9'),
      code: 'UnknownVersion',
      file: 'base/application.yaml',
      field: 'spec.blueprint.version',
    },
    {
      name: 'a digest that is not that of the version',
      files: () => edited('base/application.yaml', digest, `sha256:${'b'.repeat(64)}`),
      code: 'DigestMismatch',
      file: 'base/application.yaml',
      field: 'spec.blueprint.digest',
    },
    {
      name: 'a host outside of the Environment',
      files: () => edited(paths.application, 'blog.acme-dev.localhost', 'localhost'),
      code: 'HostOutside',
      file: paths.application,
      field: 'spec.hosts',
    },
    {
      name: 'a binding to an Application that is not there',
      files: () => edited(paths.application, 'application: db', 'application: nowhere'),
      code: 'BindingUnknown',
      file: paths.application,
      field: 'spec.bindings[db]',
    },
    {
      name: 'a binding to a version out of range',
      files: () => edited(paths.application, 'application: db', 'application: old'),
      code: 'BindingUnfit',
      file: paths.application,
      field: 'spec.bindings[db]',
    },
    {
      name: 'a requirement without binding',
      files: () => edited(paths.application, / {2}bindings:\n.*\n.*\n/, ''),
      code: 'BindingMissing',
      file: paths.application,
      field: 'spec.bindings[db]',
    },
    {
      name: 'an altered release',
      files: () => edited('base/release.yaml', 'interval: 10m', 'interval: 1s'),
      code: 'GeneratedFileAltered',
      file: 'base/release.yaml',
    },
    {
      name: 'altered bindings',
      files: () => edited(paths.bindings, 'host: mariadb', 'host: elsewhere'),
      code: 'GeneratedFileAltered',
      file: paths.bindings,
    },
    {
      name: 'a plain Secret',
      files: () =>
        installation({
          'base/leak.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {a: b}\n',
        }),
      code: 'PlainSecret',
      file: 'base/leak.yaml',
      field: 'kind',
    },
    {
      name: 'a plain Secret hidden in a List',
      files: () =>
        installation({
          'base/leak.yaml': 'apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Secret}]\n',
        }),
      code: 'PlainSecret',
      file: 'base/leak.yaml',
      field: 'kind',
    },
  ];
  for (const { name, files, code, file, field } of refusals)
    it(`refuses ${name}`, () => {
      const checked = checkBranch(files(), context);
      assert.equal(checked.ok, false);
      const [problem] = checked.ok ? [] : checked.problems;
      assert.equal(problem?.code, code, JSON.stringify(checked));
      assert.equal(problem.file, file);
      if (field !== undefined) assert.equal(problem.field, field);
    });

  it('refuses a missing overlay by its path', () => {
    const { [paths.application]: _gone, ...files } = installation();
    const checked = checkBranch(files, context);
    assert.equal(checked.ok, false);
    assert.deepEqual(checked.ok ? [] : checked.problems.map(({ code, file }) => ({ code, file })), [
      { code: 'MissingFile', file: paths.application },
    ]);
  });
});

function bomb(): string {
  const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]'];
  for (let level = 1; level < 8; level += 1)
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(',')}]`);
  return `${lines.join('\n')}\n`;
}
