import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { describePortHolder, listeningInodes } from './port-holder.ts';
import { ask, shopRoute } from './testing/proxy-kit.ts';

const main = join(import.meta.dirname, 'main.ts');

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function residentKilobytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

describe('the proxy process', () => {
  let folder: string;
  const children: ChildProcess[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'proxy-main-'));
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (port: number, name = 'one'): Promise<ChildProcess> => {
    const file = join(folder, `${name}.json`);
    await writeFile(
      file,
      JSON.stringify({
        listen: { host: '127.0.0.1', port },
        controlPlaneSocket: join(folder, 'cp.sock'),
        routesFile: join(folder, 'routes.json'),
        pidFile: join(folder, `${name}.pid`),
        version: '9',
      }),
    );
    const child = spawn(process.execPath, [main, file], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    return child;
  };
  const started = async (child: ChildProcess): Promise<void> => {
    const [line] = await once(child.stdout ?? assert.fail(), 'data');
    assert.match(String(line), /routes file is absent|serving/);
    for (let attempt = 0; attempt < 50; attempt += 1) {
      if (
        await access(join(folder, 'one.pid')).then(
          () => true,
          () => false,
        )
      )
        return;
      await sleep(50);
    }
  };

  test('serves, follows its routes, stays small, keeps no sockets, and stops cleanly', async () => {
    const port = await freePort();
    const child = await start(port);
    await started(child);
    const pid = child.pid ?? assert.fail();
    assert.equal((await readFile(join(folder, 'one.pid'), 'utf8')).trim(), String(pid));
    assert.partialDeepStrictEqual(JSON.parse((await ask(port, 'localhost', '/-/proxy')).body), {
      version: '9',
      pid,
      routes: 0,
    });

    const backend = createServer((_, outgoing) => void outgoing.end('hello')).listen(0, '127.0.0.1');
    await once(backend, 'listening');
    await writeFile(
      join(folder, 'routes.json'),
      JSON.stringify({ version: 1, routes: [shopRoute((backend.address() as AddressInfo).port)] }),
    );
    let answer = await ask(port, 'shop.acme-dev.localhost', '/');
    for (let attempt = 0; attempt < 100 && answer.status !== 200; attempt += 1) {
      await sleep(50);
      answer = await ask(port, 'shop.acme-dev.localhost', '/');
    }
    assert.equal(answer.body, 'hello');

    const idle = residentKilobytes(pid);
    for (let round = 0; round < 100; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, () =>
          ask(port, 'shop.acme-dev.localhost', '/', { method: 'POST', body: 'x'.repeat(20_000) }),
        ),
      );
    }
    console.log(
      `resident: idle ${Math.round(idle / 1024)} MB, after 2,000 requests ${Math.round(residentKilobytes(pid) / 1024)} MB`,
    );
    assert.ok(residentKilobytes(pid) < 200 * 1024);

    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
    await assert.rejects(access(join(folder, 'one.pid')));
    backend.closeAllConnections();
    backend.close();
  });

  test('a taken port ends it with code 3 and the name of the holder', async () => {
    const holder = createTcpServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const child = await start(port, 'two');
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 3);
    assert.match(said, new RegExp(`Port ${port} is taken by .+ \\(process ${process.pid}\\)`));
    assert.match((await describePortHolder(port)) ?? '', new RegExp(`process ${process.pid}`));
    holder.close();
  });

  test('only listening sockets of the port itself count', () => {
    const text = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1',
      '   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 222 1',
      '   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1',
    ].join('\n');
    assert.deepEqual(listeningInodes(text, 8080), ['111']);
  });
});
