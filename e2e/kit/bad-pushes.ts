import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { git } from './git.ts';

/** A push of an Application's `develop` that must be refused. */
export interface BadPush {
  readonly name: string;
  /** Changes the work tree, or makes a commit itself and gives its revision. */
  readonly make: (work: string) => string | undefined;
  /** What the pusher's terminal must say. */
  readonly says: RegExp;
}

const write = (path: string, text: string) => (work: string) => {
  writeFileSync(join(work, path), text);
  return undefined;
};
const edit = (path: string, change: (text: string) => string) => (work: string) => {
  const text = readFileSync(join(work, path), 'utf8');
  const changed = change(text);
  if (changed === text) throw new Error(`${path} did not change`);
  writeFileSync(join(work, path), changed);
  return undefined;
};

/** Adds a file to `base/` and names it in the kustomization. */
const addResource = (file: string, text: string) => (work: string) => {
  writeFileSync(join(work, 'base', file), text);
  return edit('base/kustomization.yaml', (before) =>
    before.replace('resources:\n', `resources:\n  - ${file}\n`),
  )(work);
};
const kustomize = (resource: string) =>
  edit('base/kustomization.yaml', (before) =>
    before.replace('resources:\n', `resources:\n  - ${resource}\n`),
  );

function withInput(work: string, input: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-c', 'user.name=Eve', '-c', 'user.email=eve@example.net', ...args], {
    cwd: work,
    input,
    encoding: 'utf8',
  }).trim();
}

/** A commit that no Git client would make: with an entry of any name beside what is there, at the top or in `base/`. */
const rawEntry = (name: string, below?: string) => (work: string) => {
  const blob = withInput(work, 'kind: Trick\n', 'hash-object', '-w', '--stdin');
  const entry = `100644 blob ${blob}\t${name}\n`;
  const top = `${git(work, 'ls-tree', 'HEAD').output.trim()}\n`;
  let tree = `${top}${entry}`;
  if (below !== undefined) {
    const sub = withInput(work, `${git(work, 'ls-tree', `HEAD:${below}`).output.trim()}\n${entry}`, 'mktree');
    tree = top.replace(new RegExp(`tree [0-9a-f]{40}\t${below}\n`), `tree ${sub}\t${below}\n`);
  }
  const root = withInput(work, tree, 'mktree');
  return withInput(work, 'Trick', 'commit-tree', '-p', 'HEAD', root);
};

const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...'bcdefghi'.split('').map((name, at) => {
    const below = 'abcdefgh'[at] ?? 'a';
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${below}`).join(',')}]`;
  }),
].join('\n');

/** Every kind of push that the rules of Application repositories refuse. */
export const badPushes: readonly BadPush[] = [
  {
    name: 'an error of YAML',
    make: write('overlays/dev/values.yaml', 'port: [\n'),
    says: /overlays\/dev\/values\.yaml/,
  },
  {
    name: 'a key twice',
    make: write('overlays/dev/values.yaml', 'port: 1\nport: 2\n'),
    says: /overlays\/dev\/values\.yaml.*line 2/s,
  },
  {
    name: 'an error of schema',
    make: edit('base/application.yaml', (text) => text.replace(/organization: acme/, 'organization: [acme]')),
    says: /base\/application\.yaml.*organization/,
  },
  {
    name: 'a wrong value',
    make: write('overlays/dev/values.yaml', 'port: 70000\n'),
    says: /overlays\/dev\/values\.yaml.*port/,
  },
  {
    name: 'an unknown value',
    make: write('overlays/dev/values.yaml', 'privileged: true\n'),
    says: /overlays\/dev\/values\.yaml.*privileged/,
  },
  {
    name: 'an unknown version',
    make: edit('base/application.yaml', (text) => text.replace(/version: \S+/, 'version: 99.0.0')),
    says: /base\/application\.yaml.*99\.0\.0/,
  },
  {
    name: 'another digest',
    make: edit('base/application.yaml', (text) => text.replace(/sha256:[0-9a-f]{8}/, 'sha256:00000000')),
    says: /base\/application\.yaml.*digest/,
  },
  {
    name: 'another name',
    make: edit('base/application.yaml', (text) => text.replace('name: hello', 'name: other')),
    says: /base\/application\.yaml.*metadata\.name/,
  },
  {
    name: 'a plain Secret',
    make: addResource(
      'secret.yaml',
      'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { a: b }\n',
    ),
    says: /base\/secret\.yaml.*Secret/,
  },
  {
    name: 'a plain Secret in a List, named nowhere',
    make: write(
      'base/list.yaml',
      'apiVersion: v1\nkind: List\nitems:\n  - { apiVersion: v1, kind: Secret, metadata: { name: s } }\n',
    ),
    says: /base\/list\.yaml.*Secret/,
  },
  {
    name: 'a generated release that was altered',
    make: edit('base/release.yaml', (text) => text.replace(/interval: \S+/, 'interval: 1s')),
    says: /base\/release\.yaml.*generated/,
  },
  {
    name: 'generated bindings that were altered',
    make: edit('overlays/dev/bindings.yaml', (text) => text.replace('name: hello', 'name: other')),
    says: /overlays\/dev\/bindings\.yaml.*generated/,
  },
  {
    name: 'an unknown kind of object',
    make: addResource(
      'role.yaml',
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: r }\n',
    ),
    says: /ClusterRole/,
  },
  {
    name: 'an object that runs containers, past the chart',
    make: addResource(
      'pod.yaml',
      'apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { hostNetwork: true, containers: [{ name: c, image: x }] }\n',
    ),
    says: /Pod/,
  },
  {
    name: 'a remote base',
    make: kustomize('https://example.net/base?ref=main'),
    says: /kustomization\.yaml/,
  },
  { name: 'a base on this machine', make: kustomize('file:///etc'), says: /kustomization\.yaml/ },
  { name: 'a base outside', make: kustomize('../../../../etc'), says: /kustomization\.yaml/ },
  { name: 'an absolute base', make: kustomize('/etc'), says: /kustomization\.yaml/ },
  {
    name: 'Helm inside of Kustomize',
    make: edit(
      'base/kustomization.yaml',
      (text) => `${text}helmCharts: [{ name: x, repo: https://example.net }]\n`,
    ),
    says: /kustomization\.yaml.*helm/is,
  },
  {
    name: 'a generator with code',
    make: edit('base/kustomization.yaml', (text) => `${text}generators: [exec.yaml]\n`),
    says: /kustomization\.yaml.*generators/is,
  },
  {
    name: 'a symbolic link',
    make: (work) => {
      rmSync(join(work, 'base/values.yaml'));
      symlinkSync('/etc/passwd', join(work, 'base/values.yaml'));
      return undefined;
    },
    says: /base\/values\.yaml.*[Ss]ymbolic/,
  },
  {
    name: 'a submodule',
    make: (work) => {
      const head = git(work, 'rev-parse', 'HEAD').output.trim();
      git(work, 'update-index', '--add', '--cacheinfo', `160000,${head},base/sub`);
      const tree = git(work, 'write-tree').output.trim();
      return withInput(work, 'Submodule', 'commit-tree', '-p', 'HEAD', tree);
    },
    says: /base\/sub.*[Ss]ubmodule/,
  },
  { name: 'a file named .git', make: rawEntry('.git'), says: /remote:|unpack|hasDotgit/ },
  { name: 'a file named ..', make: rawEntry('..', 'base'), says: /remote:|unpack|hasDotdot/ },
  { name: 'a name with a line break', make: rawEntry('a\\012b.yaml', 'base'), says: /remote:/ },
  { name: 'a bomb of aliases', make: write('base/bomb.yaml', bomb), says: /base\/bomb\.yaml.*alias/i },
  {
    name: 'a deep nest',
    make: write('base/deep.yaml', `${'['.repeat(5000)}${']'.repeat(5000)}\n`),
    says: /base\/deep\.yaml/,
  },
  {
    name: 'a file over 1 MB',
    make: write('overlays/dev/big.yaml', `a: ${'x'.repeat(1_200_000)}\n`),
    says: /overlays\/dev\/big\.yaml.*1 MB/,
  },
  {
    name: 'bytes that are no text',
    make: (work) => {
      writeFileSync(join(work, 'base/bin.yaml'), Uint8Array.of(0x61, 0x3a, 0x20, 0xff, 0xfe, 0x0a));
      return undefined;
    },
    says: /base\/bin\.yaml/,
  },
  {
    name: 'no file at all where one must be',
    make: (work) => {
      rmSync(join(work, 'overlays/dev/application.yaml'));
      return undefined;
    },
    says: /overlays\/dev\/application\.yaml.*missing/,
  },
];
