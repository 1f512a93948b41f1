import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { createEngine } from './engine.ts';
import { createNetworks } from './networks.ts';

/** Answers of an engine by path; one that is missing never comes. */
type Answers = Readonly<Record<string, { readonly status?: number; readonly body: unknown }>>;

const podman = { body: { Version: '4.3.1', Components: [{ Name: 'Podman Engine' }] } };
const docker = { body: { Version: '28.0.0', Components: [{ Name: 'Engine' }] } };
const missing = { status: 404, body: { message: 'network not found' } };
const created = { status: 201, body: { Id: 'one', Warning: '' } };
const name = 'catalyst-test-acme-dev';

describe('Networks of an engine with many networks and containers', { timeout: 10_000 }, () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function networksOf(answers: Answers): Promise<ReturnType<typeof createNetworks>> {
    const folder = await mkdtemp(join(tmpdir(), 'catalyst-networks-'));
    const socketPath = join(folder, 'engine.sock');
    const server: Server = createServer((request: IncomingMessage, response: ServerResponse) => {
      const answer = answers[(request.url ?? '').split('?')[0] ?? ''];
      if (!answer) return;
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body));
    });
    server.listen(socketPath);
    await once(server, 'listening');
    closing.push(async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    });
    return createNetworks({ engine: createEngine({ socketPath: () => socketPath }), sovereignId: 'test' });
  }

  it('never asks Podman what it would answer by inspecting every container for every network', async () => {
    const networks = await networksOf({
      '/v1.41/version': podman,
      [`/v4.0.0/libpod/networks/${name}/json`]: missing,
      '/v4.0.0/libpod/networks/json': { body: [{ name: 'pool', subnets: [{ subnet: '10.88.0.0/14' }] }] },
      '/v1.41/networks/create': created,
    });
    const { subnet } = await networks.ensure('acme-dev');
    assert.match(subnet, /^10\.9[2-5]\.\d+\.0\/24$/, 'a subnet that no network has');
  });

  it('finds a network that Podman has', async () => {
    const networks = await networksOf({
      '/v1.41/version': podman,
      [`/v4.0.0/libpod/networks/${name}/json`]: { body: { name, subnets: [{ subnet: '10.90.1.0/24' }] } },
    });
    assert.equal((await networks.ensure('acme-dev')).subnet, '10.90.1.0/24');
  });

  for (const [title, engine, refusal] of [
    ['Docker', docker, {}],
    [
      'a Podman before 4',
      podman,
      {
        [`/v4.0.0/libpod/networks/${name}/json`]: { status: 400, body: { message: 'not supported' } },
        '/v4.0.0/libpod/networks/json': { status: 400, body: { message: 'not supported' } },
      },
    ],
  ] as const)
    it(`asks ${title} in the language of Docker`, async () => {
      const networks = await networksOf({
        ...refusal,
        '/v1.41/version': engine,
        [`/v1.41/networks/${name}`]: missing,
        '/v1.41/networks': { body: [{ Name: 'pool', IPAM: { Config: [{ Subnet: '10.88.0.0/14' }] } }] },
        '/v1.41/networks/create': created,
      });
      assert.match((await networks.ensure('acme-dev')).subnet, /^10\.9[2-5]\./);
    });
});
