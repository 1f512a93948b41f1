import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Plan } from '@catalyst/model/views/plan.ts';
import type { Client } from '../e2e/kit/client.ts';
import type { Sovereign } from '../e2e/kit/sovereign.ts';
import { rawRepositoryMs } from './git-floors.ts';
import { environment, type Scale, webApp, withSovereign } from './sovereign.ts';
import { type Figure, inParallel, median, percentile, timed } from './table.ts';

const width = 4;
const envTypes = ['dev', 'stg', 'prod'] as const;

/** Installs alone and by the thousand, and what the Sovereign that then does nothing takes of the machine's memory. */
export async function measureInstallsAndMemory(scale: Scale): Promise<Figure[]> {
  const floor = median(await rawRepositoryMs(20));
  return withSovereign(async (sovereign, client) => {
    scale.say('installs, one after the other …');
    const alone = await installAlone(client, 30, floor);
    const sizes = scale.full
      ? { organizations: 100, applications: 1000 }
      : { organizations: 10, applications: 50 };
    scale.say(`${sizes.organizations} Organizations, ${sizes.applications} Applications …`);
    const together = await installTogether(client, sizes, floor);
    scale.say('waiting until all are applied and nothing goes on …');
    const memory = await measureMemory(sovereign, client, sizes);
    return [...alone, ...together, ...memory];
  });
}

const batch = 100;

interface Sizes {
  readonly organizations: number;
  readonly applications: number;
}

async function installAlone(client: Client, count: number, floor: number): Promise<Figure[]> {
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const plan = await client.plan(environment, installOf(`alone${index}`));
    samples.push(await timed(() => client.apply(environment, plan)));
  }
  const value = median(samples);
  return [
    {
      what: `install acknowledged, rendering excluded (median of ${count}, one after the other)`,
      value,
      unit: 'ms',
      floor: { what: 'git init + fast-import, durable', value: floor },
      budget: { words: 'under 60 ms', met: value < 60 },
    },
  ];
}

const installOf = (application: string) =>
  ({
    action: 'install',
    application,
    blueprint: 'bp-web-app',
    values: webApp(0),
  }) as const;

function targetOf(index: number, { organizations }: Sizes): { target: string; application: string } {
  const envType = envTypes[Math.floor(index / organizations) % envTypes.length];
  return {
    target: `org${index % organizations}x-${envType}`,
    application: `app${Math.floor(index / organizations)}`,
  };
}

async function installTogether(client: Client, sizes: Sizes, floor: number): Promise<Figure[]> {
  await inParallel(sizes.organizations, width, (index) =>
    client.json('POST', '/v1/organizations', { name: `org${index}x`, environments: [...envTypes] }),
  );
  const acknowledged: number[] = [];
  let [planning, total] = [0, 0];
  // A person keeps 200 plans, so they are made and applied in batches.
  for (let first = 0; first < sizes.applications; first += batch) {
    const count = Math.min(batch, sizes.applications - first);
    const plans: Plan[] = [];
    planning += await timed(() =>
      inParallel(count, width, async (index) => {
        const { target, application } = targetOf(first + index, sizes);
        plans[index] = await client.plan(target, installOf(application));
      }),
    );
    total += await timed(() =>
      inParallel(count, width, async (index) => {
        const plan = plans[index];
        const { target } = targetOf(first + index, sizes);
        if (plan) acknowledged.push(await timed(() => client.apply(target, plan)));
      }),
    );
  }
  const many = `${sizes.applications} installs, ${width} at a time`;
  return [
    {
      what: `${many}: acknowledged, rendering excluded; the earlier ones are being applied meanwhile`,
      value: total / 1000,
      unit: 's',
      floor: { what: 'git init + fast-import, one at a time', value: (sizes.applications * floor) / 1000 },
      ...(sizes.applications === 1000 ? { budget: { words: 'under 60 s', met: total < 60_000 } } : {}),
    },
    { what: `${many}: p99 of the acknowledgement`, value: percentile(acknowledged, 0.99), unit: 'ms' },
    { what: `${many}: the plans before, each with its renders`, value: planning / 1000, unit: 's' },
  ];
}

/** Waits until every Application is applied: what is measured then is a Sovereign that does nothing. */
async function settle(client: Client, sizes: Sizes): Promise<void> {
  const until = Date.now() + 600_000;
  while ((await countApplied(client)) < sizes.applications) {
    if (Date.now() > until) throw new Error('the Applications were not applied within 10 minutes');
    await wait(2000);
  }
}

async function countApplied(client: Client): Promise<number> {
  let count = 0;
  let next = '';
  do {
    const page = await client.json<{ items: ApplicationView[]; continue?: string }>(
      'GET',
      `/v1/applications?limit=200${next}`,
    );
    count += page.items.filter(({ revision, appliedRevision }) => revision === appliedRevision).length;
    next = page.continue ? `&continue=${encodeURIComponent(page.continue)}` : '';
  } while (next);
  return count;
}

async function measureMemory(sovereign: Sovereign, client: Client, sizes: Sizes): Promise<Figure[]> {
  const state = `${sizes.organizations} Organizations, ${sizes.organizations * 3} Environments, ${sizes.applications} Applications without instances`;
  await settle(client, sizes);
  await wait(20_000);
  const afterLoad = toMemory(sovereign, `idle memory of ${state}: just after they were made`);
  await sovereign.interrupt();
  await sovereign.up();
  await client.json('GET', '/v1/me');
  await wait(20_000);
  return [...afterLoad, ...toMemory(sovereign, `idle memory of ${state}: after a restart`)];
}

function toMemory(sovereign: Sovereign, what: string): Figure[] {
  const [proxy = 0, nats = 0] = sovereign.children().map(residentMb);
  const node = residentMb(sovereign.pid());
  const value = node + proxy + nats;
  const parts = `Node ${node.toFixed(0)}, proxy ${proxy.toFixed(0)}, nats-server ${nats.toFixed(0)}`;
  const budget = { words: 'under 400 MB', met: value < 400 };
  return [{ what: `${what} (${parts})`, value, unit: 'MB', budget }];
}

/** Resident memory of a process, shared pages counted in full, in megabytes. */
function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}
