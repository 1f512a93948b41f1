import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import { isInstalled, repositoriesOf, seeRepository } from './audit.ts';
import type { Client } from './client.ts';
import { gitMeanwhile } from './git.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import type { Sovereign } from './sovereign.ts';
import { webApp } from './web-app.ts';

/** When the load may act, and whether a failure can be blamed on a kill. */
export interface Gate {
  /** Resolves as soon as the Sovereign serves. */
  open(): Promise<void>;
  /** Grows with every kill of the control plane. */
  kills(): number;
}

/** People at work. */
export interface Load {
  /** What failed although nothing had been killed, or was answered with a refusal. */
  complaints(): readonly string[];
  counts(): Readonly<Record<string, number>>;
  /** Resolves when nothing is under way. */
  stop(): Promise<void>;
}

/** What the load acts on. */
export interface LoadOptions {
  readonly sovereign: Sovereign;
  readonly client: Client;
  readonly environment: string;
  readonly organization: string;
  readonly ledger: Ledger;
  readonly gate: Gate;
  readonly random: Random;
  readonly workDirectory: string;
  readonly workers: number;
}

interface Owned {
  readonly name: string;
  readonly replicas: number;
  /** Whatever was asked for last may or may not have happened. */
  uncertain: boolean;
}

const mostOwned = 5;
/** An image that no registry has: what is planned in two repositories at once costs no memory. */
const missingImage = 'localhost/catalyst-test/none:1';

/** Starts workers that install, configure, push, restart and uninstall their own Applications until they are stopped. */
export function startLoad(options: LoadOptions): Load {
  const { client, environment, ledger, gate, random } = options;
  const complaints: string[] = [];
  const counts: Record<string, number> = {};
  let stopped = false;
  let serial = 0;

  /** A failure during which the control plane was killed leaves the outcome open; every other one is a defect. */
  async function attempt(what: string, work: () => Promise<void>): Promise<boolean> {
    await gate.open();
    const before = gate.kills();
    try {
      await work();
      counts[what] = (counts[what] ?? 0) + 1;
      return true;
    } catch (error) {
      if (gate.kills() === before) complaints.push(`${new Date().toISOString()} ${what}: ${String(error)}`);
      counts.interrupted = (counts.interrupted ?? 0) + 1;
      return false;
    }
  }

  /** Plans and applies; an apply without an answer is asked for again now and then, as the console does. */
  async function change(what: string, request: PlanRequest): Promise<boolean> {
    let plan: Plan | undefined;
    const applyIt = async () => {
      if (!plan) return;
      const { commits } = await client.apply(environment, plan);
      ledger.acknowledge(
        plan.id,
        Object.fromEntries(commits.map((commit) => [commit.application, commit.revision])),
      );
    };
    const done = await attempt(what, async () => {
      const made = await client.plan(environment, request);
      if (made.problems.length > 0) throw new Error(JSON.stringify(made.problems));
      plan = made;
      ledger.asked({
        mark: made.id,
        surface: 'api',
        applications: made.applications.flatMap((planned) =>
          planned.change === 'use' ? [] : planned.application,
        ),
      });
      await applyIt();
    });
    if (done || !plan || random.chance(0.5)) return done;
    for (let tries = 0; tries < 20; tries += 1)
      if (await attempt(`${what}, asked again`, applyIt)) return true;
    return false;
  }

  /** Git's own answer: what reads from it may be a moment behind. */
  const isThere = (name: string) =>
    repositoriesOf(options.sovereign, options.organization).includes(name) &&
    isInstalled(seeRepository(options.sovereign, options.organization, name));

  async function push(owned: Owned): Promise<void> {
    const { sovereign, organization, workDirectory } = options;
    serial += 1;
    const mark = `push-${serial}-${owned.name}`;
    const directory = join(workDirectory, owned.name);
    const ok = async (...args: readonly string[]) => {
      const result = await gitMeanwhile(directory, ...args);
      if (result.status !== 0) throw new Error(`git ${args[0]} ${owned.name}: ${result.output}`);
      return result.output.trim();
    };
    await attempt('push', async () => {
      if (!existsSync(join(directory, '.git'))) {
        mkdirSync(directory, { recursive: true });
        await ok('init', '--quiet');
        await ok(
          'remote',
          'add',
          'origin',
          `http://me:${client.token}@localhost:${sovereign.port}/git/${organization}/${owned.name}.git`,
        );
      }
      await ok('fetch', '--quiet', 'origin', 'develop');
      await ok('checkout', '--quiet', '--force', '-B', 'develop', 'FETCH_HEAD');
      writeFileSync(
        join(directory, 'overlays/dev/values.yaml'),
        `environment:\n  - name: GREETING\n    value: ${mark}\n`,
      );
      await ok('commit', '--quiet', '--all', '-m', `Greet differently\n\n${mark}.`);
      const revision = await ok('rev-parse', 'HEAD');
      ledger.asked({ mark: `${mark}.`, surface: 'git', applications: [owned.name] });
      await ok('push', '--quiet', 'origin', 'develop');
      ledger.acknowledge(`${mark}.`, { [owned.name]: revision });
    });
  }

  async function install(worker: number, mine: Owned[]): Promise<void> {
    serial += 1;
    const replicas = mine.some((owned) => owned.replicas > 0) ? 0 : 1;
    const owned: Owned = { name: `app-${worker}-${serial}`, replicas, uncertain: false };
    const done = await change('install', {
      action: 'install',
      application: owned.name,
      blueprint: 'bp-web-app',
      values: webApp('first', { replicas }),
    });
    mine.push({ ...owned, uncertain: !done });
  }

  async function installTwo(): Promise<void> {
    serial += 1;
    const application = `blog-${serial}`;
    await change('install two at once', {
      action: 'install',
      application,
      blueprint: 'bp-wordpress',
      values: { image: missingImage },
      dependencies: { db: { use: 'new', values: { image: missingImage } } },
    });
    // A start finishes what a kill interrupted, so what is there is looked at once the gate is open; the dependent goes first.
    for (;;) {
      await gate.open();
      const name = [application, `${application}-db`].find(isThere);
      if (stopped || name === undefined) return;
      await change('uninstall', { action: 'uninstall', application: name });
    }
  }

  async function act(worker: number, mine: Owned[]): Promise<void> {
    const unsure = mine.find((owned) => owned.uncertain);
    if (unsure) {
      await gate.open();
      if (isThere(unsure.name)) unsure.uncertain = false;
      else forget(mine, unsure);
      return;
    }
    if (mine.length < 2 || (mine.length < mostOwned && random.chance(0.4))) {
      await (random.chance(0.15) ? installTwo() : install(worker, mine));
      return;
    }
    const owned = random.pick(mine);
    serial += 1;
    const what = random.pick([
      'push',
      'push',
      'push',
      'configure',
      'configure',
      'restart',
      'uninstall',
    ] as const);
    if (what === 'push') await push(owned);
    else if (what === 'uninstall') {
      await change(what, { action: what, application: owned.name });
      owned.uncertain = true;
    } else if (what === 'restart') await change(what, { action: what, application: owned.name });
    else
      await change(what, {
        action: what,
        application: owned.name,
        values: webApp(`set-${serial}`, { replicas: owned.replicas }),
      });
  }

  function forget(mine: Owned[], owned: Owned): void {
    mine.splice(mine.indexOf(owned), 1);
    rmSync(join(options.workDirectory, owned.name), { recursive: true, force: true });
  }

  async function work(worker: number): Promise<void> {
    const mine: Owned[] = [];
    while (!stopped) {
      await act(worker, mine).catch((error: unknown) => complaints.push(`the test itself: ${String(error)}`));
      await wait(random.between(0, 30));
    }
  }
  const loops = Array.from({ length: options.workers }, (_, worker) => work(worker));
  return {
    complaints: () => complaints,
    counts: () => counts,
    async stop() {
      stopped = true;
      await Promise.all(loops);
    },
  };
}
