import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { EntryRoute } from '../../../ports/entry-routes.ts';
import { parseRoutes } from '../../../proxy/route-table.ts';
import { createFileEntryRoutes } from './file-entry-routes.ts';

const routeOf = (name: string): EntryRoute => ({
  host: `${name}.acme-dev.localhost`,
  application: name,
  environment: 'acme-dev',
  backends: [{ path: '/', address: '10.96.0.1', port: 80 }],
  state: 'Running',
  message: '',
});

describe('file entry routes', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'entry-routes-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('what is written is what the proxy reads', async () => {
    const path = join(folder, 'proxy', 'routes.json');
    const routes = [routeOf('shop'), routeOf('blog')];
    await createFileEntryRoutes({ path }).replace(routes);
    const parsed = parseRoutes(await readFile(path, 'utf8'));
    assert.deepEqual([...(parsed?.routes.values() ?? [])], routes);
    assert.equal(parsed?.refused, 0);
  });

  test('overlapping calls leave the last table; a reader never sees a part', async () => {
    const path = join(folder, 'routes.json');
    const table = createFileEntryRoutes({ path });
    await table.replace([]);
    const many = Array.from({ length: 500 }, (_, index) => routeOf(`app-${index}`));
    const writes = Array.from({ length: 30 }, (_, index) => table.replace(many.slice(0, index + 1)));
    let done = false;
    const all = Promise.all(writes).then(() => {
      done = true;
    });
    while (!done) assert.notEqual(parseRoutes(await readFile(path, 'utf8')), undefined);
    await all;
    assert.equal(parseRoutes(await readFile(path, 'utf8'))?.routes.size, 30);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('.part')),
      [],
    );
  });

  test('a table that cannot be written is an error, and the next call works again', async () => {
    const blocked = join(folder, 'blocked');
    await writeFile(blocked, 'a file where the folder should be');
    const table = createFileEntryRoutes({ path: join(blocked, 'routes.json') });
    await assert.rejects(table.replace([]));
    await rm(blocked);
    await table.replace([routeOf('shop')]);
    assert.equal(parseRoutes(await readFile(join(blocked, 'routes.json'), 'utf8'))?.routes.size, 1);
  });
});
