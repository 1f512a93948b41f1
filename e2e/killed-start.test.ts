import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';

function runDirectoryOf(sovereign: Sovereign): string | undefined {
  try {
    const text = readFileSync(join(sovereign.dataDirectory, 'settings.json'), 'utf8');
    return `/run/catalyst-${(JSON.parse(text) as { sovereignId: string }).sovereignId}`;
  } catch {
    return undefined;
  }
}

const inData = (file: string) => (sovereign: Sovereign) => join(sovereign.dataDirectory, file);
const inRun = (file: string) => (sovereign: Sovereign) => join(runDirectoryOf(sovereign) ?? '/nowhere', file);

/** Files whose appearance tells how far a first start has come; the kill comes so many milliseconds later. */
const moments: readonly (readonly [what: string, file: (sovereign: Sovereign) => string, afterMs: number])[] =
  [
    ['its settings are written', inData('settings.json'), 0],
    ['nats-server is being started', inData('nats/server.conf'), 2],
    ['nats-server has started', inRun('nats.pid'), 30],
    ['the database is made', inData('database.sqlite'), 10],
    ['it listens', inRun('control-plane.sock'), 0],
    ['the entry proxy is being started', inRun('proxy-configuration.json'), 5],
    ['the entry proxy is about to listen', inRun('proxy-configuration.json'), 150],
    ['the entry proxy listens', inRun('proxy.pid'), 0],
  ];

describe('a first start that is killed', { timeout: 180_000 }, () => {
  for (const [what, file, afterMs] of moments)
    it(`when ${what}: the next start serves`, async () => {
      const sovereign = await createSovereign();
      try {
        // On a fast machine it may serve before the kill comes; what counts is the start after it.
        const killed = sovereign.up().catch(() => undefined);
        const until = Date.now() + 15_000;
        while (!existsSync(file(sovereign)) && Date.now() < until) await wait(1);
        assert.ok(existsSync(file(sovereign)), 'the moment never came');
        await wait(afterMs);
        await sovereign.kill();
        await killed;
        await sovereign.up();
        const client = await setUpAndSignIn(sovereign);
        await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev'] });
        assert.equal((await fetchLocal(sovereign.port, 'localhost', '/readyz')).status, 200);
      } finally {
        await sovereign.destroy();
      }
    });
});
