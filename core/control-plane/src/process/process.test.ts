import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parseCommand } from './configuration.ts';
import { findHolder, lockFolder, readSettings } from './data-folder.ts';
import { endProcess, isAlive, processIdentity } from './process-identity.ts';
import { openFolder } from './sovereign-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'catalyst-process-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('parseCommand', () => {
  const wrong: { name: string; args: string[] }[] = [
    { name: 'no command', args: [] },
    { name: 'an unknown command', args: ['sideways'] },
    { name: 'an unknown option', args: ['up', '--tenant', 'x'] },
    { name: 'a word too many', args: ['up', 'now'] },
    { name: 'a port that is none', args: ['up', '--port', '70x'] },
    { name: 'a privileged port', args: ['up', '--port', '80'] },
    { name: 'an address that others reach, without TLS', args: ['up', '--host', '0.0.0.0'] },
  ];
  for (const { name, args } of wrong)
    it(`refuses ${name}`, () => assert.throws(() => parseCommand(args, {}), { code: 'Usage' }));

  it('reads what is given', () => {
    assert.deepEqual(parseCommand(['up', '--data', '/srv/x', '--port', '8080'], {}), {
      verb: 'up',
      dataDirectory: '/srv/x',
      host: '127.0.0.1',
      port: 8080,
      allowPrivateWebhooks: false,
      logLevel: 'warn',
    });
  });
  it('lets webhooks reach private addresses only where that is said', () =>
    assert.ok(parseCommand(['up', '--allow-private-webhooks'], {}).allowPrivateWebhooks));
});

describe('a data folder', () => {
  it('has one holder, who is named to the next', () => {
    const directory = join(folder, 'held');
    const release = lockFolder(directory, new Date());
    assert.equal(findHolder(directory)?.pid, process.pid);
    assert.throws(() => lockFolder(directory, new Date()), {
      code: 'Held',
      message: new RegExp(String(process.pid)),
    });
    release();
    assert.equal(findHolder(directory), undefined);
    lockFolder(directory, new Date())();
  });

  it('is taken over from a process that is gone, also when its number lives on', () => {
    const directory = join(folder, 'stale');
    lockFolder(directory, new Date());
    const lock = join(directory, 'lock');
    const holder = JSON.parse(readFileSync(lock, 'utf8')) as { started: string };
    writeFileSync(lock, JSON.stringify({ ...holder, started: 'another-boot/1' }));
    lockFolder(directory, new Date())();
    writeFileSync(lock, 'half a li');
    lockFolder(directory, new Date())();
  });

  it('keeps its port, and says so to whoever wants another', async () => {
    const command = {
      verb: 'up' as const,
      dataDirectory: join(folder, 'kept'),
      host: '127.0.0.1',
      logLevel: 'warn',
      allowPrivateWebhooks: false,
    };
    const first = await openFolder(command);
    const { port } = first.settings;
    first.release();
    await assert.rejects(openFolder({ ...command, port: port + 1 }), { code: 'PortKept' });
    const again = await openFolder(command);
    assert.equal(again.settings.port, port);
    assert.deepEqual(readSettings(command.dataDirectory), again.settings);
    again.release();
    const server = createServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    await assert.rejects(openFolder(command), { code: 'PortTaken' });
    assert.equal(findHolder(command.dataDirectory), undefined, 'a refused start must not hold the folder');
    server.close();
    rmSync(first.runDirectory, { recursive: true, force: true });
  });
});

describe('a process', () => {
  it('is told from a later one with the same number, and ended even if it ignores SIGTERM', async () => {
    const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const identity = processIdentity(child.pid ?? 0);
    assert.ok(isAlive(identity));
    assert.equal(isAlive({ ...identity, started: `${identity.started}0` }), false);
    assert.ok(await endProcess(identity, 200));
    assert.equal(isAlive(identity), false);
  });
});
