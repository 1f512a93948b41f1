import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { blueprintSourceContract } from '../../../ports/blueprint-source.contract.ts';
import type { Logger } from '../../../ports/logger.ts';
import { createFolderBlueprintSource, type FolderBlueprintSource } from './folder-blueprint-source.ts';

const root = fileURLToPath(new URL('../../../../../../', import.meta.url));
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

const starter = join(root, 'products/starter');

async function write(directory: string, name: string, version: string, needs: Record<string, string>) {
  await mkdir(directory, { recursive: true });
  const depends = Object.entries(needs).map(([blueprint, range]) => ({
    blueprint,
    version: range,
    alias: blueprint.slice(3),
  }));
  const spec = {
    version,
    card: { title: name, tagline: name, category: 'composite' },
    visibility: 'listed',
    configSchema: { type: 'object', properties: { size: { type: 'string', default: '1Gi' } } },
    depends,
  };
  await writeFile(
    join(directory, 'blueprint.yaml'),
    JSON.stringify({
      apiVersion: 'catalyst.openova.io/v1alpha1',
      kind: 'Blueprint',
      metadata: { name },
      spec,
    }),
  );
}

async function started(directory: string, watch = false): Promise<FolderBlueprintSource> {
  const source = createFolderBlueprintSource({
    folders: [
      { origin: 'catalog', directory: join(directory, 'products') },
      { origin: 'catalog-sovereign', directory: join(directory, 'own'), layout: 'free' },
    ],
    workDirectory: join(directory, 'charts'),
    registryUrl: 'localhost:7070',
    logger: silent,
    watch,
  });
  await source.start();
  return source;
}

const newSpace = () => mkdtemp(join(tmpdir(), 'catalyst-composites-'));

blueprintSourceContract('folders, composites', async () => {
  const directory = await newSpace();
  await cp(starter, join(directory, 'products/starter'), { recursive: true });
  await write(join(directory, 'products/empty'), 'bp-empty', '1.0.0', {});
  const source = await started(directory);
  return {
    source,
    good: 'bp-starter',
    malformed: 'bp-empty',
    async close() {
      await source.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
});

describe('composites in folders', () => {
  let directory: string;
  before(async () => {
    directory = await newSpace();
    await cp(starter, join(directory, 'products/starter'), { recursive: true });
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('packs the folder reproducibly, with the defaults of its schema, and reads it again', async () => {
    const other = await newSpace();
    await cp(starter, join(other, 'products/starter'), { recursive: true });
    const [one, two] = [await started(directory), await started(other)];
    const [first, second] = [one.find('bp-starter'), two.find('bp-starter')];
    await Promise.all([one.stop(), two.stop()]);
    await rm(other, { recursive: true, force: true });
    assert.ok(first && second);
    assert.equal(first.digest, second.digest);
    assert.deepEqual(first.defaults['cache'], { enabled: true, memory: '256Mi' });
    assert.ok(first.readme && first.icon);
    assert.ok((await readFile(first.archive)).includes('bp-starter/blueprint.yaml'));
    const again = await started(directory);
    assert.deepEqual(again.findByDigest(first.digest), first);
    await again.stop();
  });

  it('moves to another digest with any of its files', async () => {
    const source = await started(directory);
    const before_ = source.find('bp-starter')?.digest;
    await source.stop();
    await writeFile(join(directory, 'products/starter/README.md'), '# Other');
    const changed = await started(directory);
    assert.notEqual(changed.find('bp-starter')?.digest, before_);
    await changed.stop();
  });

  it('lists who is on a circle as malformed, with the chain, and nobody else', async () => {
    await write(join(directory, 'products/a'), 'bp-a', '1.0.0', { 'bp-b': '^1' });
    await write(join(directory, 'products/b'), 'bp-b', '1.0.0', { 'bp-a': '*' });
    await write(join(directory, 'products/c'), 'bp-c', '1.0.0', { 'bp-a': '*' });
    const source = await started(directory);
    await source.settled();
    assert.deepEqual(
      source.malformed().map(({ name, problems }) => [name, problems[0]?.code]),
      [
        ['bp-a', 'DependencyCycle'],
        ['bp-b', 'DependencyCycle'],
      ],
    );
    assert.match(
      source.malformed()[0]?.problems[0]?.message ?? '',
      /bp-a 1\.0\.0 → bp-b 1\.0\.0 → bp-a 1\.0\.0/,
    );
    assert.equal(source.find('bp-a'), undefined);
    assert.ok(source.find('bp-c') && source.find('bp-starter'));
    await source.stop();
  });
});

describe("the Sovereign's own folder", () => {
  it('holds several versions side by side, below any folder name, and withdraws what is taken away', async () => {
    const directory = await newSpace();
    const own = join(directory, 'own');
    await write(join(own, 'demo-1.0.0'), 'bp-demo', '1.0.0', { 'bp-x': '*' });
    await write(join(own, 'demo-1.1.0'), 'bp-demo', '1.1.0', { 'bp-x': '*' });
    await write(join(own, 'next try'), 'bp-demo', '1.1.0', { 'bp-y': '*' });
    await mkdir(join(own, 'broken'));
    await writeFile(join(own, 'broken/blueprint.yaml'), 'kind: [');
    const source = await started(directory);
    assert.deepEqual(
      source.list().map(({ name, version, origin }) => [name, version, origin]),
      [
        ['bp-demo', '1.1.0', 'catalog-sovereign'],
        ['bp-demo', '1.0.0', 'catalog-sovereign'],
      ],
    );
    assert.equal(source.find('bp-demo')?.blueprint.spec.depends?.[0]?.blueprint, 'bp-x');
    assert.deepEqual(
      source
        .malformed()
        .map(({ name, origin, problems }) => [name, origin, problems[0]?.code, problems[0]?.file]),
      [
        ['broken', 'catalog-sovereign', 'InvalidYaml', 'broken/blueprint.yaml'],
        ['bp-demo', 'catalog-sovereign', 'Duplicate', 'next try/blueprint.yaml'],
      ],
    );
    const old = source.find('bp-demo', '1.0.0');
    await source.stop();
    await rm(join(own, 'demo-1.0.0'), { recursive: true });
    const later = await started(directory);
    assert.deepEqual(
      later.list().map(({ version }) => version),
      ['1.1.0'],
    );
    assert.ok(old && later.findByDigest(old.digest));
    await later.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('is made when it is missing, and watched', async () => {
    const directory = await newSpace();
    const source = await started(directory, true);
    await write(join(directory, 'own/x'), 'bp-x', '1.0.0', { 'bp-y': '*' });
    const deadline = Date.now() + 10_000;
    while (source.find('bp-x') === undefined && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(source.find('bp-x'));
    await source.stop();
    await rm(directory, { recursive: true, force: true });
  });
});
