import assert from 'node:assert/strict';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { rendererContract } from '../../../ports/renderer.contract.ts';
import { openRendererKit, type RendererKit } from './testing/renderer-kit.ts';

rendererContract('sandboxed', openRendererKit);

const chartFiles = (text: string) => ({
  'Chart.yaml': 'apiVersion: v2\nname: thing\nversion: 1.0.0\n',
  'templates/a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {value: ${text}}\n`,
});
const release = { name: 'blog', namespace: 'blog' };

async function stored(kit: RendererKit): Promise<string[]> {
  const names = await readdir(join(kit.directory, 'cache/objects'), { recursive: true });
  return names.filter((name) => name.length > 10).map((name) => join(kit.directory, 'cache/objects', name));
}

describe('sandboxed: cache', () => {
  it('makes one render for equal inputs, at once or later, and another for other inputs', async () => {
    const kit = await openRendererKit();
    // Random values show whether it rendered again.
    const chart = await kit.chart(chartFiles('{{ randAlphaNum 20 | quote }}'));
    const render = (values = {}) => kit.renderer.template({ chart, release, values });
    const [one, two] = await Promise.all([render({ a: 1, b: 2 }), render({ b: 2, a: 1 })]);
    assert.deepEqual(one, two);
    assert.deepEqual(await render({ a: 1, b: 2 }), one);
    assert.notDeepEqual(await render({ a: 1 }), one);
    assert.notDeepEqual(
      await kit.renderer.template({ chart, release: { ...release, namespace: 'b' }, values: { a: 1, b: 2 } }),
      one,
    );
    assert.equal((await stored(kit)).length, 3);
    await kit.close();
  });
  it('renders again what is damaged on disk', async () => {
    const kit = await openRendererKit();
    const chart = await kit.chart(chartFiles('x'));
    const first = await kit.renderer.template({ chart, release, values: {} });
    const [path] = await stored(kit);
    assert.ok(path);
    await writeFile(path, `${'0'.repeat(64)}\n[]`);
    assert.deepEqual(await kit.renderer.template({ chart, release, values: {} }), first);
    await kit.close();
  });
  it('forgets the least recently used over its size', async () => {
    const kit = await openRendererKit({ maxCacheBytes: 8000 });
    const chart = await kit.chart(chartFiles('{{ repeat 2000 "x" }}'));
    for (let n = 0; n < 6; n++) await kit.renderer.template({ chart, release, values: { n } });
    const sizes = await Promise.all((await stored(kit)).map(async (path) => (await stat(path)).size));
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 8000 && sizes.length >= 1, String(sizes));
    await kit.close();
  });
  it('does not keep a refusal', async () => {
    const kit = await openRendererKit();
    const chart = await kit.chart(chartFiles('{{ fail "no" }}'));
    assert.equal((await kit.renderer.template({ chart, release, values: {} })).ok, false);
    assert.deepEqual(await stored(kit).catch(() => []), []);
    await kit.close();
  });
});
