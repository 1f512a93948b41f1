import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import {
  checkAgreement,
  checkLedger,
  checkObjects,
  checkWhole,
  eventually,
  isReady,
  repositoriesOf,
  rowsOf,
  type SeenRepository,
  seeRepository,
} from './kit/audit.ts';
import type { Client } from './kit/client.ts';
import { containersOf, type SeenContainer } from './kit/engine.ts';
import { ensureImages } from './kit/images.ts';
import { createLedger } from './kit/ledger.ts';
import { type Load, startLoad } from './kit/load.ts';
import { type Prober, startProber } from './kit/prober.ts';
import { createRandom } from './kit/random.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, fetchLocal, type Sovereign } from './kit/sovereign.ts';
import { webApp } from './kit/web-app.ts';

const kills = Number(process.env['CATALYST_KILLS'] ?? 100);
const seed = Number(process.env['CATALYST_SEED'] ?? Date.now() % 1_000_000);
const environment = 'acme-dev';
/** Installed once and never changed: their containers and their visitors must not notice anything. */
const steady: Readonly<Record<string, ReturnType<typeof webApp>>> = {
  steady: webApp('steady'),
  twins: webApp('twins', { replicas: 2 }),
  keeper: webApp('keeper', { volume: { enabled: true } }),
};
const steadyNames = Object.keys(steady);

type Target = 'catalyst' | 'nats' | 'both' | 'catalyst while it starts';

/** What wants Pods runs; what was installed with none is at zero, and is not said to run. */
function isAtRest({ state, why, pods }: ApplicationView): boolean {
  return pods.desired > 0 ? state === 'Running' : state === 'Paused' && why?.reason === 'ScaledToZero';
}

describe(`${kills} kills under load, seed ${seed}`, { timeout: kills * 6_000 + 300_000 }, () => {
  const random = createRandom(seed);
  const ledger = createLedger();
  const workDirectory = mkdtempSync(join(tmpdir(), 'catalyst-load-'));
  const done: Record<Target, number> = { catalyst: 0, nats: 0, both: 0, 'catalyst while it starts': 0 };
  const startsMs: number[] = [];
  let sovereign: Sovereign;
  let sovereignId: string;
  let client: Client;
  let prober: Prober | undefined;
  let load: Load | undefined;
  let steadyContainers: SeenContainer[] = [];
  let gate = Promise.withResolvers<void>();
  let killsOfCatalyst = 0;

  const killed = () => Object.values(done).reduce((sum, count) => sum + count, 0);

  before(async () => {
    ensureImages('busybox');
    sovereign = await createSovereign();
    await sovereign.up();
    sovereignId = (
      JSON.parse(readFileSync(join(sovereign.dataDirectory, 'settings.json'), 'utf8')) as {
        sovereignId: string;
      }
    ).sovereignId;
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev', 'prod'] });
    for (const [application, values] of Object.entries(steady))
      await client.change(environment, { action: 'install', application, blueprint: 'bp-web-app', values });
    for (const application of steadyNames)
      await client.waitFor(environment, application, (view) => view.state === 'Running');
    steadyContainers = await steadyNow();
    assert.equal(steadyContainers.length, 8);
    prober = startProber(
      sovereign.port,
      steadyNames.map((name) => `${name}.${environment}.localhost`),
    );
  });

  after(async () => {
    await Promise.all([prober?.stop(), load?.stop()]);
    await sovereign.destroy();
    rmSync(workDirectory, { recursive: true, force: true });
  });

  async function steadyNow(): Promise<SeenContainer[]> {
    return (await containersOf(sovereignId)).filter(({ application }) => steadyNames.includes(application));
  }

  function seeAll(): Map<string, SeenRepository> {
    return new Map(
      repositoriesOf(sovereign, 'acme').map((name) => [name, seeRepository(sovereign, 'acme', name)]),
    );
  }

  /** Everything that must hold at any time when nobody is acting. */
  async function audit(): Promise<void> {
    const repositories = seeAll();
    for (const repository of repositories.values()) checkWhole(repository);
    checkLedger(ledger, repositories);
    assert.deepEqual(
      rowsOf<{ id: string; status: string }>(sovereign, 'plans').filter((row) => row.status === 'applying'),
      [],
      'plans that are neither carried out nor rolled back',
    );
    await checkAgreement(sovereign, client, repositories, 15_000);
    assert.deepEqual(await steadyNow(), steadyContainers, 'containers that ran were touched');
    assert.deepEqual(prober?.failures(), [], 'visitors');
    assert.deepEqual(load?.complaints() ?? [], [], 'changes that failed although nothing was killed');
  }

  function killNats(): void {
    try {
      process.kill(
        Number.parseInt(readFileSync(`/run/catalyst-${sovereignId}/nats.pid`, 'utf8'), 10),
        'SIGKILL',
      );
    } catch {
      // It is away already, from the kill before.
    }
  }

  async function startAgain(): Promise<void> {
    while (random.chance(0.15) && killed() < kills) {
      const starting = sovereign.up().then(
        () => true,
        () => false,
      );
      await wait(random.between(0, 900));
      await sovereign.kill();
      await starting;
      done['catalyst while it starts'] += 1;
    }
    const from = performance.now();
    await sovereign.up();
    startsMs.push(Math.round(performance.now() - from));
  }

  async function strike(target: Exclude<Target, 'catalyst while it starts'>): Promise<void> {
    done[target] += 1;
    if (target === 'nats') {
      killNats();
      return;
    }
    gate = Promise.withResolvers<void>();
    killsOfCatalyst += 1;
    if (target === 'both') killNats();
    await sovereign.kill();
    try {
      await startAgain();
      await audit();
    } finally {
      gate.resolve();
    }
  }

  async function nextAcknowledgement(afterMs: number): Promise<void> {
    const before = ledger.acknowledgedCount();
    const until = Date.now() + 3_000;
    while (ledger.acknowledgedCount() === before && Date.now() < until) await wait(10);
    await wait(afterMs);
  }

  function figures(): string[] {
    const sorted = startsMs.toSorted((left, right) => left - right);
    return [
      `kills: ${JSON.stringify(done)}`,
      `acknowledged: ${ledger.acknowledgedCount()} of ${ledger.changes().length} changes`,
      `load: ${JSON.stringify(load?.counts())}`,
      `visits: ${prober?.asked()}, slowest ${Math.round(prober?.slowestMs() ?? 0)} ms, failed ${prober?.failures().length}`,
      `starts: median ${sorted[sorted.length >> 1]} ms, slowest ${sorted.at(-1)} ms`,
    ];
  }

  it('loses nothing that was acknowledged, leaves nothing half made, and no visitor notices', async (test) => {
    test.diagnostic(`seed ${seed}`);
    gate.resolve();
    load = startLoad({
      sovereign,
      client,
      environment,
      organization: 'acme',
      ledger,
      gate: { open: () => gate.promise, kills: () => killsOfCatalyst },
      random: createRandom(seed + 1),
      workDirectory,
      workers: 4,
    });
    try {
      while (killed() < kills) {
        await wait(random.between(50, 1_300));
        // On a slow machine nothing would ever be finished between two kills: half of them come just after something was.
        if (random.chance(0.5)) await nextAcknowledgement(random.between(0, 300));
        await strike(random.pick(['catalyst', 'catalyst', 'nats', 'both'] as const));
        if (process.env['CATALYST_E2E_VERBOSE']) process.stderr.write(`${killed()} kills\n`);
      }
      await load.stop();
      await eventually(async () => assert.ok(await isReady(sovereign)), 15_000);
      await audit();
    } finally {
      for (const line of figures()) test.diagnostic(line);
    }
  });

  it('comes to rest in a state that is true', async (test) => {
    const repositories = seeAll();
    for (const name of repositories.keys()) checkObjects(sovereign, 'acme', name);
    const from = performance.now();
    const cards = await eventually(async () => {
      const agreed = await checkAgreement(sovereign, client, repositories, 0);
      assert.deepEqual(
        agreed.filter((card) => !card.name.startsWith('blog') && !isAtRest(card)).map((card) => card),
        [],
        'not at rest',
      );
      return agreed;
    }, 60_000);
    test.diagnostic(`${cards.length} Applications at rest after ${Math.round(performance.now() - from)} ms`);
    assert.deepEqual(rowsOf(sovereign, 'repository_intents'), [], 'updates that were never told');
    await eventually(async () => {
      const containers = await containersOf(sovereignId);
      const wanted = cards.filter((card) => card.pods.desired > 0 && !card.name.startsWith('blog'));
      assert.deepEqual(
        Object.fromEntries(
          [...new Set(containers.map((container) => container.application))]
            .filter((name) => !name.startsWith('blog'))
            .sort()
            .map((name) => [
              name,
              containers.filter((c) => c.application === name && c.container && c.state === 'running').length,
            ]),
        ),
        Object.fromEntries(
          wanted.map((card) => [card.name, card.pods.desired] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
        'containers and cards',
      );
    }, 30_000);
    for (const card of cards.filter((one) => one.pods.desired > 0 && !one.name.startsWith('blog'))) {
      const { values } = (await client.application(environment, card.name)) as unknown as {
        values: { environment: { value: string }[] };
      };
      const answer = await fetchLocal(sovereign.port, `${card.name}.${environment}.localhost`, '/');
      assert.equal(answer.status, 200, card.name);
      assert.equal(answer.body.trim(), values.environment[0]?.value, card.name);
    }
    assert.deepEqual(await steadyNow(), steadyContainers);
    assert.deepEqual(prober?.failures(), []);
  });
});
