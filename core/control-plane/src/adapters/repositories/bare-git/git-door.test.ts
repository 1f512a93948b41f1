import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { withServed } from './testing/served.ts';

describe('the door', () => {
  const ask = (
    port: number,
    path: string,
    options: { token?: string; method?: string; type?: string; body?: Buffer; encoding?: string } = {},
  ) =>
    new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
      (resolve, reject) => {
        const asking = request(
          {
            port,
            host: '127.0.0.1',
            path: `/git/${path}`,
            method: options.method ?? 'GET',
            headers: {
              ...(options.token ? { authorization: `Basic ${btoa(`x:${options.token}`)}` } : {}),
              ...(options.type ? { 'content-type': options.type } : {}),
              ...(options.encoding ? { 'content-encoding': options.encoding } : {}),
            },
          },
          (response) => {
            let body = '';
            response.setEncoding('latin1').on('data', (chunk) => {
              body += chunk;
            });
            response.on('end', () =>
              resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
            );
          },
        );
        asking.on('error', reject);
        asking.end(options.body);
      },
    );

  it(
    'asks who it is first, then hides, then denies',
    withServed(async ({ server: { port }, git, server }) => {
      const upload = 'acme/shop.git/info/refs?service=git-upload-pack';
      const receive = 'acme/shop.git/info/refs?service=git-receive-pack';
      const cases: [path: string, token: string | undefined, want: number][] = [
        [upload, undefined, 401],
        ['acme/none.git/info/refs?service=git-upload-pack', undefined, 401],
        [upload, 'forged', 401],
        [upload, 'carol', 404],
        ['acme/none.git/info/refs?service=git-upload-pack', 'alice', 404],
        ['..%2f..%2fetc/none.git/info/refs?service=git-upload-pack', 'alice', 404],
        [receive, 'bob', 403],
        [upload, 'bob', 200],
        [receive, 'alice', 200],
        ['acme/shop.git/info/refs', 'alice', 403],
        ['acme/shop.git/info/refs?service=git-upload-archive', 'alice', 403],
        ['acme/shop.git/HEAD', 'alice', 404],
        ['acme/shop.git/objects/info/packs', 'alice', 404],
        ['acme/shop.git/config', 'alice', 404],
      ];
      for (const [path, token, want] of cases)
        assert.equal((await ask(port, path, token ? { token } : {})).status, want, `${path} as ${token}`);
      const unknown = await ask(port, upload);
      assert.match(String(unknown.headers['www-authenticate']), /^Basic /);
      const found = await ask(port, upload, { token: 'bob' });
      assert.match(String(found.headers['cache-control']), /no-cache/);
      assert.equal(found.headers['content-type'], 'application/x-git-upload-pack-advertisement');
      assert.ok(found.body.startsWith('001e# service=git-upload-pack\n0000'));
      const push = await git('work', 'push', server.urlOf('bob', 'acme/shop.git'), 'HEAD:refs/heads/x');
      assert.match(push.output, /403/);
    }),
  );

  it(
    'bounds what is packed, and survives what is no Git request',
    withServed(async ({ server: { port }, work }) => {
      const type = 'application/x-git-upload-pack-request';
      const post = (body: Buffer, encoding?: string) =>
        ask(port, 'acme/shop.git/git-upload-pack', {
          token: 'alice',
          method: 'POST',
          type,
          body,
          ...(encoding ? { encoding } : {}),
        }).catch(() => ({ status: 0 }));
      await post(gzipSync(Buffer.alloc(200 * 1024 * 1024)), 'gzip');
      await post(Buffer.from('no gzip at all'), 'gzip');
      await post(Buffer.from('garbage'));
      assert.equal((await post(Buffer.from('x'), 'br')).status, 400);
      assert.ok((await work('fetch', '-q')).ok);
    }),
  );
});
