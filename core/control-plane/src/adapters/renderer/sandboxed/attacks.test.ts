import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isSafePath } from './guard-files.ts';
import { runSandboxed } from './run-sandboxed.ts';
import { type ArchiveEntry, openRendererKit, type RendererKit, tools } from './testing/renderer-kit.ts';

const repository = fileURLToPath(new URL('../../../../../../', import.meta.url));
const release = { name: 'blog', namespace: 'blog' };
const chartYaml: ArchiveEntry = {
  name: 'thing/Chart.yaml',
  content: 'apiVersion: v2\nname: thing\nversion: 1.0.0\n',
};
const configMap = (data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {value: ${data}}\n`;
const codes = (result: { ok: true } | { ok: false; problems: readonly { code: string }[] }) =>
  result.ok ? ['rendered'] : result.problems.map((problem) => problem.code);

async function using(work: (kit: RendererKit) => Promise<void>): Promise<void> {
  const kit = await openRendererKit();
  try {
    await work(kit);
  } finally {
    await kit.close();
  }
}

describe('kustomizations that reach out are refused before any tool sees them', () => {
  const resource = configMap('x');
  const cases: {
    name: string;
    kustomization: string;
    extra?: Record<string, string>;
    path?: string;
    want: string;
  }[] = [
    {
      name: 'file URL with ref',
      kustomization: 'resources: ["file:///etc//x?ref=main"]',
      want: 'RemoteBase',
    },
    { name: 'http URL', kustomization: 'resources: ["http://127.0.0.1:8080/a.yaml"]', want: 'RemoteBase' },
    { name: 'short form of a host', kustomization: 'resources: ["github.com/a/b"]', want: 'RemoteBase' },
    { name: 'ssh form', kustomization: 'resources: ["git@host:a/b"]', want: 'RemoteBase' },
    { name: 'URL in bases', kustomization: 'bases: ["https://x/y"]', want: 'RemoteBase' },
    { name: 'URL in components', kustomization: 'components: ["https://x/y"]', want: 'RemoteBase' },
    { name: 'URL as patch', kustomization: 'patches: [{path: "https://x/y"}]', want: 'RemoteBase' },
    {
      name: 'URL as strategic merge patch',
      kustomization: 'patchesStrategicMerge: ["https://x/y"]',
      want: 'RemoteBase',
    },
    { name: 'URL as configuration', kustomization: 'configurations: ["https://x/y"]', want: 'RemoteBase' },
    { name: 'URL as crd', kustomization: 'crds: ["https://x/y"]', want: 'RemoteBase' },
    { name: 'URL as openapi', kustomization: 'openapi: {path: "https://x/y"}', want: 'RemoteBase' },
    {
      name: 'URL as generator file',
      kustomization: 'configMapGenerator: [{name: a, files: ["k=https://x/y"]}]',
      want: 'RemoteBase',
    },
    {
      name: 'URL as generator env',
      kustomization: 'secretGenerator: [{name: a, envs: ["https://x/y"]}]',
      want: 'RemoteBase',
    },
    {
      name: 'URL as replacement',
      kustomization: 'replacements: [{path: "https://x/y"}]',
      want: 'RemoteBase',
    },
    {
      name: 'absolute path',
      kustomization: 'configMapGenerator: [{name: a, files: [/etc/passwd]}]',
      want: 'UnsafePath',
    },
    { name: 'escaping path', kustomization: 'resources: [../../../etc]', want: 'UnsafePath' },
    { name: 'home', kustomization: 'resources: [~/x]', want: 'UnsafePath' },
    { name: 'escaping build path', kustomization: 'resources: [a.yaml]', path: '../x', want: 'UnsafePath' },
    {
      name: 'Helm inflation',
      kustomization: 'helmCharts: [{name: a, repo: "https://x"}]',
      want: 'HelmInflation',
    },
    {
      name: 'Helm inflation, old form',
      kustomization: 'helmChartInflationGenerator: [{chartName: a}]',
      want: 'HelmInflation',
    },
    { name: 'Helm globals', kustomization: 'helmGlobals: {chartHome: /}', want: 'HelmInflation' },
    { name: 'generators', kustomization: 'generators: [a.yaml]', want: 'Plugin' },
    {
      name: 'transformers',
      kustomization:
        'transformers: ["apiVersion: x\\nkind: y\\nmetadata: {name: z, annotations: {config.kubernetes.io/function: \\"exec: {path: /bin/sh}\\"}}"]',
      want: 'Plugin',
    },
    { name: 'validators', kustomization: 'validators: [a.yaml]', want: 'Plugin' },
    { name: 'an unknown field', kustomization: 'inventory: {}', want: 'RenderFailed' },
    {
      name: 'a base that reaches out',
      kustomization: 'resources: [b]',
      extra: { 'b/kustomization.yaml': 'resources: ["https://x/y"]' },
      want: 'RemoteBase',
    },
    {
      name: 'the other names of the file',
      kustomization: 'resources: [b]',
      extra: { 'b/Kustomization': 'resources: ["https://x/y"]' },
      want: 'RemoteBase',
    },
    {
      name: 'a YAML bomb',
      kustomization: 'resources: [a.yaml]',
      extra: {
        'a.yaml': `a: &a [${'x,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: &c [${'*b,'.repeat(50)}]\nd: [${'*c,'.repeat(50)}]\n`,
      },
      want: 'AliasBomb',
    },
    {
      name: 'a wide YAML bomb',
      kustomization: 'resources: [a.yaml]',
      extra: { 'a.yaml': `a: &a [${'x,'.repeat(2000)}]\nb: [${'*a,'.repeat(6)}]\n` },
      want: 'AliasBomb',
    },
    {
      name: 'an alias of itself',
      kustomization: 'resources: [a.yaml]',
      extra: { 'a.yaml': 'a: &a [*a]\n' },
      want: 'AliasBomb',
    },
    {
      name: 'a huge file',
      kustomization: 'resources: [a.yaml]',
      extra: { 'a.yaml': '#'.repeat(1024 * 1024 + 1) },
      want: 'TooLarge',
    },
    {
      name: 'too many files',
      kustomization: 'resources: [a.yaml]',
      extra: Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`f/${index}`, ''])),
      want: 'TooLarge',
    },
    {
      name: 'endless nesting',
      kustomization: `resources: ${'['.repeat(5000)}${']'.repeat(5000)}`,
      want: 'InvalidYaml',
    },
    {
      name: 'an escaping file name',
      kustomization: 'resources: [a.yaml]',
      extra: { '../x': '' },
      want: 'UnsafePath',
    },
    {
      name: 'an absolute file name',
      kustomization: 'resources: [a.yaml]',
      extra: { '/x': '' },
      want: 'UnsafePath',
    },
    {
      name: 'a file that is a folder too',
      kustomization: 'resources: [a.yaml]',
      extra: { 'a.yaml/x': '' },
      want: 'UnsafePath',
    },
  ];
  for (const { name, kustomization, extra, path, want } of cases)
    it(`${name} is ${want}`, () =>
      using(async ({ renderer }) => {
        const all = {
          'o/kustomization.yaml': kustomization,
          'o/a.yaml': resource,
          ...Object.fromEntries(
            Object.entries(extra ?? {}).map(([file, text]) => [
              /^[/.]/.test(file) ? file : `o/${file}`,
              text,
            ]),
          ),
        };
        const files = new Map(Object.entries(all).map(([file, text]) => [file, Buffer.from(text)]));
        const found = codes(await renderer.build({ files, path: path ?? 'o' }))[0] ?? '';
        assert.ok(found === want || (want === 'InvalidYaml' && found === 'TooDeep'), found);
      }));
});

describe('chart archives', () => {
  const cases: { name: string; entries: ArchiveEntry[]; want: string }[] = [
    {
      name: 'a symbolic link',
      entries: [{ name: 'thing/x', header: { type: 'symlink', linkname: '/etc/passwd' } }],
      want: 'Symlink',
    },
    {
      name: 'a hard link',
      entries: [{ name: 'thing/x', header: { type: 'link', linkname: '/etc/passwd' } }],
      want: 'Symlink',
    },
    {
      name: 'a device',
      entries: [{ name: 'thing/x', header: { type: 'character-device', devmajor: 1, devminor: 3 } }],
      want: 'UnsafePath',
    },
    { name: 'a pipe', entries: [{ name: 'thing/x', header: { type: 'fifo' } }], want: 'UnsafePath' },
    { name: 'an escaping path', entries: [{ name: 'thing/../../x', content: 'x' }], want: 'UnsafePath' },
    { name: 'an absolute path', entries: [{ name: '/etc/x', content: 'x' }], want: 'UnsafePath' },
    { name: 'a file outside the chart', entries: [{ name: 'x', content: 'x' }], want: 'UnsafePath' },
    {
      name: 'a path twice',
      entries: [
        { name: 'thing/x', content: 'x' },
        { name: 'thing/x', content: 'y' },
      ],
      want: 'UnsafePath',
    },
    {
      name: 'a bomb',
      entries: [{ name: 'thing/x', content: Buffer.alloc(40 * 1024 * 1024) }],
      want: 'TooLarge',
    },
    {
      name: 'too many files',
      entries: Array.from({ length: 5001 }, (_, index) => ({ name: `thing/${index}` })),
      want: 'TooLarge',
    },
  ];
  for (const { name, entries, want } of cases)
    it(`${name} is ${want}`, () =>
      using(async (kit) => {
        const chart = await kit.archive([chartYaml, ...entries]);
        assert.deepEqual(codes(await kit.renderer.template({ chart, release, values: {} })), [want]);
      }));
  it('noise is RenderFailed', () =>
    using(async (kit) => {
      const archive = join(kit.directory, 'noise.tgz');
      await writeFile(archive, 'noise');
      assert.deepEqual(
        codes(await kit.renderer.template({ chart: { digest: 'sha256:0', archive }, release, values: {} })),
        ['RenderFailed'],
      );
    }));
});

describe('templates', () => {
  const render = async (kit: RendererKit, text: string, values = {}) =>
    kit.renderer.template({
      chart: await kit.chart({
        'Chart.yaml': 'apiVersion: v2\nname: thing\nversion: 1.0.0\n',
        'templates/a.yaml': text,
      }),
      release,
      values,
    });

  it('an endless loop is ended at ten seconds, and nothing of it stays', () =>
    using(async (kit) => {
      const begin = Date.now();
      const loop =
        '{{ range $i := until 100000 }}{{ range $j := until 100000 }}{{ $x := sha256sum "a" }}{{ end }}{{ end }}';
      assert.deepEqual(codes(await render(kit, loop)), ['RenderTimeout']);
      assert.ok(Date.now() - begin < 14_000);
      assert.deepEqual(await readdir(join(kit.directory, 'cache/exports')), []);
      const processes = await Promise.all(
        (await readdir('/proc'))
          .filter((pid) => /^\d+$/.test(pid))
          .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
      );
      assert.ok(
        !processes.some((command) => command.includes(kit.directory)),
        'no process of the run is left',
      );
    }));
  it('memory without end is a limit, not an outage', () =>
    using(async (kit) => {
      const text = configMap('{{ $a := repeat 200000000 "x" }}{{ $b := repeat 20 $a }}{{ len $b }}');
      assert.deepEqual(codes(await render(kit, text)), ['RenderLimit']);
    }));
  it('too much output is a limit', () =>
    using(async (kit) =>
      assert.deepEqual(
        codes(
          await render(
            kit,
            `{{ range until 180 }}---
${configMap('{{ repeat 100000 "x" }}')}{{ end }}`,
          ),
        ),
        ['RenderLimit'],
      ),
    ));
  it('an object over 1 MB is a limit', () =>
    using(async (kit) =>
      assert.deepEqual(codes(await render(kit, configMap('{{ repeat 2000000 "x" }}'))), ['RenderLimit']),
    ));
  it('output that is a YAML bomb is refused', () =>
    using(async (kit) => {
      const bomb = `${configMap('x')}a: &a [${'x,'.repeat(100)}]\nb: &b [${'*a,'.repeat(100)}]\nc: [${'*b,'.repeat(100)}]\n`;
      const found = codes(await render(kit, bomb))[0] ?? '';
      assert.ok(['AliasBomb', 'RenderFailed', 'RenderLimit', 'RenderTimeout'].includes(found), found);
    }));
  it('the environment and the files of the machine are not there', () =>
    using(async (kit) => {
      process.env['CATALYST_TEST_SECRET'] = 'leak';
      const text = configMap(
        '{{ printf "%v|%v|%v|%v" (.Files.Get "/etc/passwd") (.Files.Get "../../../etc/passwd") (.Files.Glob "/**" | toJson) (.Values.x | default "") | quote }}',
      );
      const result = await render(kit, text);
      delete process.env['CATALYST_TEST_SECRET'];
      assert.ok(result.ok, JSON.stringify(result));
      assert.deepEqual(result.value[0]?.['data'], { value: '||{}|' });
      assert.deepEqual(codes(await render(kit, configMap('{{ env "PATH" }}'))), ['RenderFailed']);
      assert.deepEqual(
        codes(await render(kit, configMap('{{ getHostByName "localhost" | quote }}'))).length,
        1,
      );
    }));
  it('a name that looks like an option stays a name', () =>
    using(async (kit) => {
      const chart = await kit.chart({
        'Chart.yaml': 'apiVersion: v2\nname: thing\nversion: 1.0.0\n',
        'templates/a.yaml': configMap('x'),
      });
      for (const name of ['--post-renderer=/bin/sh', '-f', 'a b', '../x'])
        assert.deepEqual(
          codes(await kit.renderer.template({ chart, release: { name, namespace: 'a' }, values: {} })),
          ['UnsafePath'],
        );
    }));
});

/** The second line: what happens if an input passed the guard. */
describe('the sandbox without the guard', () => {
  async function inSandbox(
    tool: 'helm' | 'kubectl',
    prepare: (input: string) => Promise<void>,
    args: string[],
  ) {
    const input = await mkdtemp(join(tmpdir(), 'catalyst-sandbox-'));
    try {
      await prepare(input);
      return await runSandboxed({
        bwrap: '/usr/bin/bwrap',
        prlimit: '/usr/bin/prlimit',
        tool: tools[tool],
        input,
        args,
      });
    } finally {
      await rm(input, { recursive: true, force: true });
    }
  }
  it('kustomize reaches no server on this machine', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end(configMap('x'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.yaml`;
    const result = await inSandbox(
      'kubectl',
      (input) => writeFile(join(input, 'kustomization.yaml'), `resources: ["${url}"]\n`),
      ['kustomize', '/input'],
    );
    server.close();
    assert.equal(result.ok, false);
    assert.equal(asked, 0);
  });
  it('kustomize reaches no repository on this disk', async () => {
    const result = await inSandbox(
      'kubectl',
      (input) =>
        writeFile(
          join(input, 'kustomization.yaml'),
          `resources: ["file://${repository}//platform?ref=main"]\n`,
        ),
      ['kustomize', '/input'],
    );
    assert.equal(result.ok, false);
  });
  it("Helm follows a symbolic link into nothing but the sandbox's own files", async () => {
    const secret = join(tmpdir(), `catalyst-host-secret-${process.pid}`);
    await writeFile(secret, 'host secret');
    const result = await inSandbox(
      'helm',
      async (input) => {
        await mkdir(join(input, 'chart/templates'), { recursive: true });
        await writeFile(join(input, 'chart/Chart.yaml'), 'apiVersion: v2\nname: thing\nversion: 1.0.0\n');
        await symlink(secret, join(input, 'chart/secret'));
        await symlink('/etc/passwd', join(input, 'chart/passwd'));
        await writeFile(
          join(input, 'chart/templates/a.yaml'),
          configMap('{{ .Files.Get "secret" | quote }}{{ .Files.Get "passwd" | quote }}'),
        );
      },
      ['template', 'a', '/input/chart'],
    );
    await rm(secret);
    assert.ok(!JSON.stringify(result).includes('host secret') && !JSON.stringify(result).includes('root:'));
  });
  it('cannot be made without bubblewrap: Unavailable, never a render', async () => {
    const kit = await openRendererKit({ bwrap: '/nowhere/bwrap' });
    const chart = await kit.chart({
      'Chart.yaml': 'apiVersion: v2\nname: thing\nversion: 1.0.0\n',
      'templates/a.yaml': configMap('x'),
    });
    await assert.rejects(kit.renderer.template({ chart, release, values: {} }), { code: 'Unavailable' });
    await kit.close();
    const other = await openRendererKit({ helm: '/nowhere/helm' });
    await assert.rejects(
      other.renderer.template({ chart: await other.chart({ 'Chart.yaml': 'x' }), release, values: {} }),
      { code: 'Unavailable' },
    );
    await other.close();
  });
});

describe('isSafePath', () => {
  for (const path of [
    '',
    '/',
    '/a',
    '../a',
    'a/../b',
    'a//b',
    'a/',
    './a',
    'a\\b',
    'a\nb',
    'a\0b',
    `${'a/'.repeat(40)}b`,
    'a'.repeat(600),
  ])
    it(`refuses ${JSON.stringify(path).slice(0, 40)}`, () => assert.equal(isSafePath(path), false));
});
