import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { probeNats } from './nats-access.ts';
import { isAtLeast, toNatsConfig } from './nats-config.ts';
import { createNatsServer } from './nats-server.ts';
import { eventually, startNatsKit, testClock, testLogger } from './testing/nats-kit.ts';

test('the server answers only with its password, and keeps it in a private file', async () => {
  const kit = await startNatsKit();
  try {
    assert.ok(await probeNats(kit.access));
    assert.equal(await probeNats({ ...kit.access, password: 'guess' }), undefined);
    for (const file of ['server.conf', 'access.json'])
      assert.equal((await stat(join(kit.directory, 'nats', file))).mode & 0o077, 0, file);
    const commandLine = await readFile(`/proc/${kit.server.pid()}/cmdline`, 'utf8');
    assert.ok(!commandLine.includes(kit.access.password));
  } finally {
    await kit.dispose();
  }
});

test('a killed server comes back on the same port', async () => {
  const kit = await startNatsKit();
  try {
    const first = kit.server.pid() ?? 0;
    process.kill(first, 'SIGKILL');
    await eventually('another server answers', async () => {
      const pid = kit.server.pid();
      return pid !== undefined && pid !== first && (await probeNats(kit.access)) !== undefined;
    });
  } finally {
    await kit.dispose();
  }
});

test('the server that a crash left behind is adopted, and stopped by whoever adopted it', async () => {
  const kit = await startNatsKit();
  const second = createNatsServer({
    dataDirectory: join(kit.directory, 'nats'),
    runDirectory: join(kit.directory, 'run'),
    logger: testLogger,
    clock: testClock,
  });
  try {
    assert.deepEqual(await second.start(), kit.access);
    assert.equal(second.pid(), kit.server.pid());
  } finally {
    // The first supervisor must not start it again, so both stop.
    await Promise.all([kit.server.stop(), second.stop()]);
    await kit.dispose();
  }
  assert.equal(await probeNats(kit.access), undefined);
});

test('stopping ends the server of an earlier run too, as down does after a crash', async () => {
  const kit = await startNatsKit();
  try {
    const left = kit.server.pid() ?? 0;
    await createNatsServer({
      dataDirectory: join(kit.directory, 'nats'),
      runDirectory: join(kit.directory, 'run'),
      logger: testLogger,
      clock: testClock,
    }).stop();
    await eventually('it is gone', async () => {
      const line = await readFile(`/proc/${left}/cmdline`, 'utf8').catch(() => '');
      return !line.includes('nats-server');
    });
  } finally {
    await kit.dispose();
  }
});

test('sync settings are written only for servers that know them', () => {
  const config = (version: string) =>
    toNatsConfig({
      serverName: 'x',
      port: 1,
      user: 'u',
      password: 'p',
      storeDirectory: '/s',
      pidFile: '/p',
      logFile: '/l',
      version,
    });
  assert.ok(!config('2.9.10').includes('sync_interval'));
  assert.ok(config('2.10.1').includes('sync_interval'));
  assert.ok(!isAtLeast('nonsense', 0, 0));
});
