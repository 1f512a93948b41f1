import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { findTool, repositoryRoot } from '../core/control-plane/src/process/tools.ts';
import type { Client } from '../e2e/kit/client.ts';
import { environment, type Scale, webApp, withSovereign } from './sovereign.ts';
import { type Figure, inParallel, median, repeat, timed } from './table.ts';

const chart = join(repositoryRoot, 'platform/web-app/chart');

/** Helm: what a plan takes with and without a stored render, and a hundred Applications from commit to applied. */
export function measureCharts(scale: Scale): Promise<Figure[]> {
  return withSovereign(async (_sovereign, client) => {
    const plans = await measurePlans(client);
    scale.say('Helm Applications …');
    return [...plans, await measureApplied(client, scale.full ? 100 : 20)];
  });
}

const installOf = (application: string, index: number) =>
  ({
    action: 'install',
    application,
    blueprint: 'bp-web-app',
    values: webApp(0, { environment: [{ name: 'INDEX', value: String(index) }] }),
  }) as const;

/** `helm template`, a process each, with the values of each Application. */
async function bareTemplateMs(count: number): Promise<number[]> {
  const helm = findTool('helm', process.env);
  if (helm === undefined) throw new Error('Helm is not here.');
  const folder = mkdtempSync(join(tmpdir(), 'catalyst-bench-'));
  try {
    return await repeat(count, (index) => {
      const values = join(folder, 'values.json');
      const address = { hosts: ['a.localhost'], url: 'http://a.localhost', name: 'a' };
      const application = { ...address, environment, organization: 'bench' };
      writeFileSync(values, JSON.stringify({ ...installOf('a', index).values, application }));
      execFileSync(helm, ['template', 'a', chart, '--values', values], { cwd: folder, stdio: 'pipe' });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measurePlans(client: Client): Promise<Figure[]> {
  const count = 10;
  const cold = await repeat(count, (index) => client.plan(environment, installOf(`plan${index}`, index)));
  const cached = await repeat(count, (index) => client.plan(environment, installOf(`plan${index}`, index)));
  const twice = 2 * median(await bareTemplateMs(count));
  const floor = { what: '`helm template` of the same chart, twice', value: twice };
  return [
    {
      what: `plan of an installation, rendered anew (median of ${count})`,
      value: median(cold),
      unit: 'ms',
      floor,
    },
    { what: 'the same plan again, render stored', value: median(cached), unit: 'ms', floor },
  ];
}

/** From the first request to the last Application whose objects are applied; each has values, and so a render, of its own. */
async function measureApplied(client: Client, count: number): Promise<Figure> {
  const value = await timed(async () => {
    await inParallel(count, 4, (index) =>
      client.change(environment, installOf(`helm${index}`, index + 1000)),
    );
    for (;;) {
      const { items } = await client.json<{ items: ApplicationView[] }>(
        'GET',
        `/v1/environments/${environment}/applications`,
      );
      const applied = items.filter(({ revision, appliedRevision }) => revision === appliedRevision);
      if (applied.length >= count) break;
      await wait(100);
    }
  });
  const floor = await timed(() => bareTemplateMs(count));
  return {
    what: `${count} Helm Applications (no instances) from plan and commit to applied, renders included`,
    value: value / 1000,
    unit: 's',
    floor: { what: `${count} × \`helm template\`, one at a time`, value: floor / 1000 },
    ...(count === 100 ? { budget: { words: 'under 28 s', met: value < 28_000 } } : {}),
  };
}
