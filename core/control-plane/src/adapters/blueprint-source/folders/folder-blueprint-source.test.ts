import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type BlueprintSourceSubject,
  blueprintSourceContract,
} from '../../../ports/blueprint-source.contract.ts';
import type { BlueprintSource } from '../../../ports/blueprint-source.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Renderer } from '../../../ports/renderer.ts';
import { createFolderBlueprintSource, type FolderBlueprintSource } from './folder-blueprint-source.ts';

const root = fileURLToPath(new URL('../../../../../../', import.meta.url));
const platform = join(root, 'platform');
const helm = process.env['CATALYST_HELM'] ?? join(root, '.cache/tools/bin/helm');
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

async function workspace(): Promise<{ directory: string; folder: string; close: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'catalyst-blueprints-'));
  await cp(platform, join(directory, 'platform'), { recursive: true });
  return {
    directory,
    folder: join(directory, 'platform'),
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

async function started(
  space: { directory: string; folder: string },
  extra: { renderer?: Renderer; watch?: boolean; registryUrl?: string } = {},
): Promise<FolderBlueprintSource> {
  const source = createFolderBlueprintSource({
    folders: [{ origin: 'catalog', directory: space.folder }],
    workDirectory: join(space.directory, 'charts'),
    registryUrl: 'localhost:7070',
    logger: silent,
    ...extra,
  });
  await source.start();
  return source;
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}

blueprintSourceContract('folders', async (): Promise<BlueprintSourceSubject> => {
  const space = await workspace();
  await edit(join(space.folder, 'mariadb/blueprint.yaml'), (text) =>
    text.replace('visibility: listed', 'visibility: everywhere'),
  );
  const source = await started(space);
  return {
    source,
    good: 'bp-web-app',
    malformed: 'bp-mariadb',
    async close() {
      await source.stop();
      await space.close();
    },
  };
});

describe('folders: guards', () => {
  const cases: { name: string; breakIt: (folder: string) => Promise<void>; want: string }[] = [
    {
      name: 'another chart name',
      breakIt: (f) => edit(join(f, 'chart/Chart.yaml'), (t) => t.replace('bp-mariadb', 'mariadb')),
      want: 'InvalidField',
    },
    {
      name: 'another chart version',
      breakIt: (f) => edit(join(f, 'chart/Chart.yaml'), (t) => t.replace('version: 1.0.0', 'version: 1.0.1')),
      want: 'InvalidField',
    },
    {
      name: 'a hollow chart',
      breakIt: (f) => edit(join(f, 'chart/Chart.yaml'), (t) => t.replace('"true"', '"false"')),
      want: 'HollowChart',
    },
    {
      name: 'an upstream that is not there',
      breakIt: (f) =>
        edit(
          join(f, 'chart/Chart.yaml'),
          (t) => `${t}dependencies: [{name: a, version: 1.0.0, repository: https://example.com}]\n`,
        ),
      want: 'MissingUpstream',
    },
    {
      name: 'metrics on by default',
      breakIt: (f) =>
        edit(
          join(f, 'chart/values.yaml'),
          (t) => `${t}upstream: {metrics: {serviceMonitor: {enabled: true}}}\n`,
        ),
      want: 'ObservabilityOn',
    },
    {
      name: 'a symbolic link',
      breakIt: (f) => symlink('/etc/passwd', join(f, 'chart/templates/passwd.yaml')),
      want: 'Symlink',
    },
    { name: 'no chart', breakIt: (f) => rm(join(f, 'chart'), { recursive: true }), want: 'MissingFile' },
    {
      name: 'no binding chart',
      breakIt: (f) => rm(join(f, 'binding'), { recursive: true }),
      want: 'MissingFile',
    },
    {
      name: 'a picture with a script',
      breakIt: (f) =>
        writeFile(
          join(f, 'card/icon.svg'),
          '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
        ),
      want: 'InvalidIcon',
    },
    {
      name: 'a picture outside',
      breakIt: (f) => edit(join(f, 'blueprint.yaml'), (t) => t.replace('card/icon.svg', '../icon.svg')),
      want: 'InvalidIcon',
    },
    {
      name: 'a name that is not the folder',
      breakIt: (f) => edit(join(f, 'blueprint.yaml'), (t) => t.replace('name: bp-mariadb', 'name: bp-other')),
      want: 'InvalidField',
    },
    {
      name: 'a YAML bomb',
      breakIt: (f) =>
        writeFile(
          join(f, 'blueprint.yaml'),
          `a: &a [${'x,'.repeat(100)}]\nb: &b [${'*a,'.repeat(100)}]\nc: &c [${'*b,'.repeat(100)}]\nd: [${'*c,'.repeat(100)}]\n`,
        ),
      want: 'AliasBomb',
    },
    {
      name: 'a chart folder outside',
      breakIt: (f) =>
        edit(join(f, 'blueprint.yaml'), (t) => t.replace('ref: ./chart', 'ref: ../wordpress/chart')),
      want: 'InvalidField',
    },
  ];
  for (const { name, breakIt, want } of cases)
    it(`${name} is ${want}, and the others stay`, async () => {
      const space = await workspace();
      try {
        await breakIt(join(space.folder, 'mariadb'));
        const source = await started(space);
        assert.deepEqual(
          source.malformed().map((entry) => [entry.name, entry.problems[0]?.code]),
          [['bp-mariadb', want]],
        );
        assert.deepEqual(
          source.list().map((entry) => entry.name),
          ['bp-postgres', 'bp-valkey', 'bp-web-app', 'bp-wordpress'],
        );
        await source.stop();
      } finally {
        await space.close();
      }
    });
});

describe('folders: versions', () => {
  it('packages to the same digest in another place at another time', async () => {
    const [one, two] = [await workspace(), await workspace()];
    const [first, second] = [await started(one), await started(two)];
    assert.deepEqual(
      first.list().map((entry) => [entry.digest, entry.bindingArchive?.digest]),
      second.list().map((entry) => [entry.digest, entry.bindingArchive?.digest]),
    );
    await Promise.all([first.stop(), second.stop(), one.close(), two.close()]);
  });

  it('keeps an earlier version, and what pins a digest, after the folder moved on', async () => {
    const space = await workspace();
    const before = await started(space);
    const old = before.find('bp-postgres');
    const wordpress = before.find('bp-wordpress');
    await before.stop();
    assert.ok(old && wordpress);
    for (const path of ['blueprint.yaml', 'chart/Chart.yaml', 'binding/Chart.yaml'])
      await edit(join(space.folder, 'postgres', path), (text) =>
        text.replace('version: 1.0.0', 'version: 1.10.0'),
      );
    await rm(join(space.folder, 'wordpress'), { recursive: true });
    const source = await started(space);
    assert.deepEqual(
      source
        .list()
        .filter((entry) => entry.name === 'bp-postgres')
        .map((entry) => entry.version),
      ['1.10.0', '1.0.0'],
    );
    assert.equal(source.find('bp-postgres')?.version, '1.10.0');
    assert.equal(source.findByDigest(old.digest)?.version, '1.0.0');
    assert.equal(source.find('bp-wordpress'), undefined);
    assert.ok(source.findByDigest(wordpress.digest));
    assert.ok(await source.oci(`catalog/bp-wordpress/manifests/${wordpress.digest}`));
    await source.stop();
    await space.close();
  });

  it('mends a damaged publication of what the folder holds', async () => {
    const space = await workspace();
    const before = await started(space);
    const found = before.find('bp-web-app');
    await before.stop();
    assert.ok(found);
    await writeFile(found.archive, 'damaged');
    const source = await started(space);
    assert.equal((await readFile(found.archive)).subarray(0, 2).toString('hex'), '1f8b');
    await source.stop();
    await space.close();
  });

  it('reads a folder again after its files changed', async () => {
    const space = await workspace();
    const source = await started(space, { watch: true });
    await edit(join(space.folder, 'web-app/blueprint.yaml'), (text) =>
      text.replace('title: Web application', 'title: Changed'),
    );
    const deadline = Date.now() + 10_000;
    while (source.find('bp-web-app')?.blueprint.spec.card.title !== 'Changed' && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(source.find('bp-web-app')?.blueprint.spec.card.title, 'Changed');
    await source.stop();
    await space.close();
  });

  it('moves a chart whose default render fails to the malformed, and remembers it without rendering again', async () => {
    const space = await workspace();
    let renders = 0;
    const refusing = {
      async verify(request: { chart: { archive: string }; release: { name: string } }) {
        renders += 1;
        return request.release.name === 'bp-postgres'
          ? { ok: false, problems: [{ code: 'RenderFailed', message: 'It does not render.' }] }
          : { ok: true, value: [{}] };
      },
    } as unknown as Renderer;
    for (let round = 0; round < 2; round++) {
      const source = await started(space, { renderer: refusing });
      await source.settled();
      assert.deepEqual(
        source.malformed().map((entry) => entry.name),
        ['bp-postgres'],
      );
      assert.equal(source.find('bp-postgres'), undefined);
      await source.stop();
    }
    assert.equal(renders, 8, 'five charts and three binding charts, once');
    await space.close();
  });

  it('starts quickly from what it packaged before', async () => {
    const space = await workspace();
    await (await started(space)).stop();
    const begin = performance.now();
    const source = await started(space);
    const elapsedMs = performance.now() - begin;
    await source.stop();
    await space.close();
    assert.ok(elapsedMs < 1000, `${elapsedMs} ms`);
  });
});

async function serve(source: () => BlueprintSource): Promise<{ port: number; close: () => void }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.replace(/^\/v2\//, '');
    source()
      .oci(path)
      .then(
        (blob) => {
          if (blob === undefined) return response.writeHead(404).end();
          response.writeHead(200, {
            'content-type': blob.mediaType,
            'content-length': blob.body.length,
            'docker-content-digest': blob.digest,
          });
          return response.end(request.method === 'HEAD' ? undefined : blob.body);
        },
        () => response.writeHead(500).end(),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe('folders: OCI', () => {
  it('is what a real Helm pulls, by version and by digest', async () => {
    const space = await workspace();
    const source = await started(space);
    const server = await serve(() => source);
    try {
      const found = source.find('bp-wordpress');
      assert.ok(found);
      const home = join(space.directory, 'home');
      await mkdir(home);
      const address = `oci://127.0.0.1:${server.port}/catalog/bp-wordpress`;
      const pull = (...args: string[]) =>
        promisify(execFile)(helm, ['pull', ...args, '--plain-http', '--destination', home], {
          env: { HOME: home },
          timeout: 30_000,
        });
      const { stderr } = await pull(address, '--version', '1.0.0');
      assert.match(stderr, new RegExp(found.digest));
      const pulled = await readFile(join(home, 'bp-wordpress-1.0.0.tgz'));
      assert.deepEqual(pulled, await readFile(found.archive));
      await rm(join(home, 'bp-wordpress-1.0.0.tgz'));
      await pull(`${address}@${found.digest}`);
    } finally {
      server.close();
      await source.stop();
      await space.close();
    }
  });
});
