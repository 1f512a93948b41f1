import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createGitClient,
  startGitServer,
} from '../core/control-plane/src/adapters/repositories/bare-git/testing/git-server.ts';
import { startKit } from '../core/control-plane/src/adapters/repositories/bare-git/testing/repositories-kit.ts';
import { rawCommitMs, rawRepositoryMs, run } from './git-floors.ts';
import type { Scale } from './sovereign.ts';
import { type Figure, median, repeat, timed } from './table.ts';

const shop = { organization: 'acme', name: 'shop' };
const by = {
  message: 'bench',
  author: { name: 'A', email: 'a@example.com' },
  pusher: { id: 'u', name: 'A', surface: 'api' },
} as const;

/** Commits, new repositories and pushes, with everything that Catalyst records about each. */
export async function measureGit(scale: Scale): Promise<Figure[]> {
  const count = scale.full ? 100 : 30;
  const kit = await startKit();
  try {
    const branches = { develop: { 'values.yaml': 'replicas: 0\n' }, staging: {}, main: {} };
    const create = (name: string) =>
      kit.repositories.create({ repository: { ...shop, name }, branches, head: 'develop', ...by });
    const creations = await repeat(20, (index) => create(`r${index}`));
    await create(shop.name);
    const commits = await repeat(count, async (index) => {
      const made = await kit.repositories.commit({
        repository: shop,
        branch: 'develop',
        expectedHead: (await kit.repositories.head(shop, 'develop')) ?? null,
        changes: { 'values.yaml': `replicas: ${index + 1}\n` },
        ...by,
      });
      if (!made.ok) throw new Error(JSON.stringify(made.problems));
    });
    const server = await startGitServer(kit.repositories);
    const pushes = await pushMs(server.urlOf('alice', 'acme/shop.git'), 20);
    await server.stop();
    return [
      {
        what: `commit through the port, judged and recorded (p50 of ${count})`,
        value: median(commits),
        unit: 'ms',
        floor: {
          what: '`git fast-import`, durable, a process each',
          value: median(await rawCommitMs(count)),
        },
      },
      {
        what: 'new repository with three branches through the port (p50 of 20)',
        value: median(creations),
        unit: 'ms',
        floor: {
          what: '`git init` + `git fast-import`, durable, one branch',
          value: median(await rawRepositoryMs(20)),
        },
      },
      {
        what: '`git push` over HTTP, client included (p50 of 20)',
        value: median(pushes),
        unit: 'ms',
        floor: { what: 'bare server around `git http-backend`', value: median(await barePushMs(20)) },
      },
    ];
  } finally {
    await kit.dispose();
  }
}

/** Clones, then pushes one commit after the other; the time of each push with Git's own client. */
async function pushMs(url: string, count: number): Promise<number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-bench-push-'));
  try {
    const client = createGitClient(directory);
    const git = async (folder: string, ...args: string[]) => {
      const { ok, output } = await client(folder, ...args);
      if (!ok) throw new Error(`git ${args[0]}: ${output}`);
    };
    await git('.', 'clone', '--quiet', '--branch', 'develop', url, 'work');
    const samples: number[] = [];
    for (let index = 0; index < count; index += 1) {
      writeFileSync(join(directory, 'work/values.yaml'), `pushed: ${index}\n`);
      await git('work', 'commit', '--quiet', '--all', '--message', 'bench');
      samples.push(await timed(() => git('work', 'push', '--quiet')));
    }
    return samples;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function barePushMs(count: number): Promise<number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-bench-cgi-'));
  const server = createServer((request, response) => serveByCgi(directory, request, response));
  try {
    const bare = join(directory, 'shop.git');
    mkdirSync(bare);
    run('git', ['init', '--quiet', '--bare', '--initial-branch=develop', '.'], bare);
    for (const [name, value] of [
      ['http.receivepack', 'true'],
      ['core.fsync', 'all'],
      ['core.fsyncMethod', 'fsync'],
    ])
      run('git', ['config', name ?? '', value ?? ''], bare);
    const file = 'M 100644 inline values.yaml\ndata 0\n\n';
    const commit = `commit refs/heads/develop\ncommitter b <b@example.com> 1700000000 +0000\ndata 5\nbench\n${file}`;
    run('git', ['fast-import', '--quiet'], bare, commit);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return await pushMs(`http://127.0.0.1:${(server.address() as AddressInfo).port}/shop.git`, count);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The least that serves Git over HTTP: one process of Git's own CGI program per request, nothing asked, nothing recorded. */
function serveByCgi(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const { headers } = request;
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'bench',
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
      ...(headers['git-protocol'] ? { GIT_PROTOCOL: String(headers['git-protocol']) } : {}),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  let head = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const lines = head.subarray(0, end).toString().split('\r\n');
    const pairs = lines.map((line) => line.split(': ', 2) as [string, string]);
    const status = Number(pairs.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(pairs.filter(([name]) => name !== 'Status')));
    response.write(head.subarray(end + 4));
  });
  child.stdout.once('end', () => response.end());
}
