import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { TestToken } from './testing/git-server.ts';
import { withServed } from './testing/served.ts';
import { openPoorLine, openSlowRequest } from './testing/slow-sockets.ts';

const away = { organization: 'globex', name: 'shop' };

/** Runs work while people of one Organization hold so many requests open. */
async function whileSlow(
  port: number,
  service: 'git-upload-pack' | 'git-receive-pack',
  holders: readonly TestToken[],
  work: () => Promise<void>,
): Promise<void> {
  const slow = holders.map((by) => openSlowRequest(port, by, 'acme/shop.git', service));
  await sleep(300);
  try {
    await work();
  } finally {
    for (const request of slow) request.hangUp();
  }
}

const times = (count: number, ...by: TestToken[]) => Array.from({ length: count }, () => by).flat();

describe('clients that send a byte now and then', () => {
  it(
    'stop no colleague from pushing, and nobody of another Organization',
    withServed(async ({ server, git, work, repositories }) => {
      const pusher = { id: 'u', name: 'A', surface: 'console' } as const;
      const author = { name: 'A', email: 'a@x' };
      const made = { branches: { develop: {} }, head: 'develop', message: 'x', author, pusher };
      assert.ok((await repositories.create({ repository: away, ...made })).ok);
      assert.ok((await git('.', 'clone', '-q', server.urlOf('erin', 'globex/shop.git'), 'away')).ok);
      const push = async (folder: string, by: TestToken, path: string) => {
        await git(folder, 'commit', '-q', '--allow-empty', '-m', 'Next');
        const started = Date.now();
        const pushed = await git(folder, 'push', server.urlOf(by, path), 'HEAD:develop');
        assert.ok(pushed.ok, pushed.output);
        assert.ok(Date.now() - started < 10_000, 'at once');
      };
      await whileSlow(server.port, 'git-receive-pack', times(12, 'alice'), async () => {
        await push('work', 'dana', 'acme/shop.git');
        assert.ok((await work('fetch', '-q')).ok);
      });
      await whileSlow(server.port, 'git-receive-pack', times(6, 'alice', 'dana'), () =>
        push('away', 'erin', 'globex/shop.git'),
      );
    }),
  );

  it(
    'stop no colleague from fetching, and nobody of another Organization',
    withServed(async ({ server, git, work, repositories }) => {
      const pusher = { id: 'u', name: 'A', surface: 'console' } as const;
      const author = { name: 'A', email: 'a@x' };
      const made = { branches: { develop: {} }, head: 'develop', message: 'x', author, pusher };
      assert.ok((await repositories.create({ repository: away, ...made })).ok);
      await whileSlow(server.port, 'git-upload-pack', times(20, 'bob'), async () => {
        const started = Date.now();
        assert.ok((await work('fetch', '-q')).ok);
        assert.ok(Date.now() - started < 10_000, 'at once');
      });
      await whileSlow(server.port, 'git-upload-pack', times(10, 'bob', 'dana'), async () => {
        const started = Date.now();
        assert.ok((await git('.', 'clone', '-q', server.urlOf('erin', 'globex/shop.git'), 'away')).ok);
        assert.ok(Date.now() - started < 10_000, 'at once');
      });
    }),
  );

  for (const service of ['git-receive-pack', 'git-upload-pack'] as const)
    it(
      `are told that they are too slow: ${service}`,
      withServed(
        async ({ server }) => {
          const started = Date.now();
          const { answer } = openSlowRequest(server.port, 'alice', 'acme/shop.git', service);
          const text = await answer;
          assert.match(text, /^HTTP\/1\.1 408 /);
          assert.match(text, /Less than 4096 bytes came in 1 s/);
          assert.ok(Date.now() - started < 8000);
        },
        { slowBodyMs: 1000 },
      ),
    );
});

describe('a poor line', () => {
  it(
    'carries a push that takes much longer than a client may be silent',
    withServed(
      async ({ server, write, work }) => {
        const line = await openPoorLine(server.port, { bytes: 2048, everyMs: 100 });
        try {
          write('large.bin', randomBytes(100_000));
          await work('add', '-A');
          await work('commit', '-q', '-m', 'Edit');
          const url = server.urlOf('alice', 'acme/shop.git').replace(`:${server.port}/`, `:${line.port}/`);
          const started = Date.now();
          const pushed = await work('push', url, 'develop');
          assert.ok(pushed.ok, pushed.output);
          assert.ok(Date.now() - started > 3000, 'it was slow');
        } finally {
          line.close();
        }
      },
      { slowBodyMs: 1000 },
    ),
  );
});

describe('a packed body that is refused', () => {
  it(
    'is not unpacked on',
    withServed(
      async ({ server, work }) => {
        const one = gzipSync(Buffer.alloc(256 * 1024 * 1024));
        const cpuMs = async (act: () => unknown) => {
          const before = process.cpuUsage();
          await act();
          const { user, system } = process.cpuUsage(before);
          return (user + system) / 1000;
        };
        const ofOne = await cpuMs(() => gunzipSync(one).length);
        const body = Buffer.concat(Array.from({ length: 12 }, () => one));
        const headers = {
          authorization: `Basic ${Buffer.from('any:alice').toString('base64')}`,
          'content-type': 'application/x-git-receive-pack-request',
          'content-encoding': 'gzip',
        };
        const url = `http://127.0.0.1:${server.port}/git/acme/shop.git/git-receive-pack`;
        const ofAll = await cpuMs(async () => {
          await (await fetch(url, { method: 'POST', headers, body })).arrayBuffer();
          await sleep(3000);
        });
        assert.ok(ofAll < ofOne * 2, `${ofAll} ms for twelve, ${ofOne} ms for one`);
        assert.ok((await work('fetch', '-q')).ok);
      },
      { maxInputBytes: 1024 * 1024 },
    ),
  );
});
