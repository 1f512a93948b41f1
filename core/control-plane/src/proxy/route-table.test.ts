import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { chooseBackend, createRouteTable, parseRoutes } from './route-table.ts';
import { shopRoute } from './testing/proxy-kit.ts';

const host = 'shop.acme-dev.localhost';
const tableOf = (port: number): string => JSON.stringify({ version: 1, routes: [shopRoute(port)] });

test('routes: nothing that the file may hold makes the parser throw', () => {
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => void parseRoutes(text)));
  fc.assert(
    fc.property(
      fc.jsonValue(),
      (entry) => void parseRoutes(JSON.stringify({ version: 1, routes: [entry, { backends: [entry] }] })),
    ),
  );
});

test('routes: a bad route does not hide the others, and never becomes the console', () => {
  const bad = [
    { ...shopRoute(1), host: 'localhost' },
    { ...shopRoute(1), host: 'x.y.localhost', backends: [{ path: '/', address: 'evil.example', port: 80 }] },
    { ...shopRoute(1), host: 'x.y.localhost', backends: [{ path: '/', address: '10.0.0.1', port: 70_000 }] },
    null,
  ];
  const parsed = parseRoutes(JSON.stringify({ version: 1, routes: [...bad, shopRoute(80)] }));
  assert.deepEqual([...(parsed?.routes.keys() ?? [])], [host]);
  assert.equal(parsed?.refused, 4);
});

test('routes: the longest prefix of whole segments wins', () => {
  const backends = [
    { path: '/api', address: '10.0.0.2', port: 2 },
    { path: '/', address: '10.0.0.1', port: 1 },
  ];
  const route = { ...shopRoute(1), backends };
  assert.equal(chooseBackend(route, '/api/x?y=/')?.port, 2);
  assert.equal(chooseBackend(route, '/api?x')?.port, 2);
  assert.equal(chooseBackend(route, '/apix')?.port, 1);
});

test('routes: changes are followed; a bad or absent file leaves the last good table', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'routes-test-'));
  const path = join(folder, 'routes.json');
  const said: string[] = [];
  const table = await createRouteTable({ path, pollMs: 30, log: (message) => said.push(message) });
  const portIs = async (want: number): Promise<void> => {
    for (let attempt = 0; attempt < 100 && table.find(host)?.backends[0]?.port !== want; attempt += 1)
      await sleep(20);
    assert.equal(table.find(host)?.backends[0]?.port, want);
  };
  try {
    assert.equal(table.size(), 0);
    await writeFile(path, tableOf(1001));
    await portIs(1001);
    await writeFile(`${path}.part`, tableOf(1002));
    await rename(`${path}.part`, path);
    await portIs(1002);
    await writeFile(path, '{"version":1,"routes":[');
    await table.refresh();
    await portIs(1002);
    await rm(path);
    await table.refresh();
    await portIs(1002);
    await writeFile(path, tableOf(1003));
    await portIs(1003);
    assert.ok(said.length >= 2);
  } finally {
    table.close();
    await rm(folder, { recursive: true, force: true });
  }
});
