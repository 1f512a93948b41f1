import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlastRadius } from '@catalyst/model/api/upgrades.ts';
import { findTool, repositoryRoot } from '../core/control-plane/src/process/tools.ts';
import { putBlueprint } from '../e2e/kit/catalog-folder.ts';
import type { Client } from '../e2e/kit/client.ts';
import { until } from '../e2e/kit/until.ts';
import { environment, type Scale, webApp, withSovereign } from './sovereign.ts';
import { type Figure, inParallel, median, repeat, timed } from './table.ts';

const blueprint = 'bp-bench';
/** The largest chart of the catalog. */
const midSize = join(repositoryRoot, 'platform/wordpress/chart');
const small = join(repositoryRoot, 'platform/web-app/chart');

/** What foreseeing takes: one change of a mid-size Application, a new version for everybody, and many plans at once. */
export function measurePlans(scale: Scale): Promise<Figure[]> {
  return withSovereign(async (sovereign, client) => {
    putBlueprint(sovereign, { name: blueprint, version: '1.0.0' });
    putBlueprint(sovereign, {
      name: blueprint,
      version: '1.1.0',
      edit: (text) => text.replace('terminationGracePeriodSeconds: 30', 'terminationGracePeriodSeconds: 25'),
    });
    await until(
      'both versions are there',
      async () => (await client.call('GET', `/v1/blueprints/${blueprint}?version=1.1.0`)).status === 200,
    );
    const change = await measureChange(client);
    scale.say('blast radius …');
    const radius = await measureBlastRadius(client, scale.full ? 200 : 40);
    return [...change, ...radius];
  });
}

const resourcesOf = (index: number) => ({ resources: { cpu: '1', memory: `${512 + index}Mi` } });
const greetingOf = (index: number) => webApp(0, { environment: [{ name: 'INDEX', value: String(index) }] });

/** `helm template` of the same chart, a process each. */
async function bareTemplateMs(
  chart: string,
  count: number,
  valuesOf: (index: number) => object,
): Promise<number> {
  const helm = findTool('helm', process.env);
  const folder = mkdtempSync(join(tmpdir(), 'catalyst-bench-'));
  const application = {
    name: 'blog',
    environment,
    organization: 'bench',
    hosts: ['a.localhost'],
    url: 'http://a.localhost',
  };
  const dependencies = { database: { host: 'db.blog-db.svc', port: 3306, secretName: 'database' } };
  try {
    return median(
      await repeat(count, (index) => {
        const values = join(folder, 'values.json');
        writeFileSync(values, JSON.stringify({ application, dependencies, ...valuesOf(index) }));
        execFileSync(helm, ['template', 'blog', chart, '--values', values], { cwd: folder, stdio: 'pipe' });
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureChange(client: Client): Promise<Figure[]> {
  const count = 10;
  await client.change(environment, {
    action: 'install',
    application: 'blog',
    blueprint: 'bp-wordpress',
    values: {},
  });
  await client.change(environment, { action: 'configure', application: 'blog', paused: true });
  const { values } = (await client.application(environment, 'blog')) as unknown as { values: object };
  const change = (index: number) =>
    client.plan(environment, {
      action: 'configure',
      application: 'blog',
      values: { ...values, ...resourcesOf(index) },
    });
  // The render of what is there now belongs to the first plan alone.
  await change(count);
  const cold = await repeat(count, change);
  const cached = await repeat(count, change);
  const floor = {
    what: '`helm template` of the same chart, twice',
    value: 2 * (await bareTemplateMs(midSize, count, resourcesOf)),
  };
  return [
    {
      what: `plan of a change of WordPress, rendered anew (median of ${count})`,
      value: median(cold),
      unit: 'ms',
      floor,
    },
    { what: 'the same plan again, renders stored', value: median(cached), unit: 'ms', floor },
  ];
}

async function walk(client: Client): Promise<number> {
  let seen = 0;
  let next: string | undefined;
  do {
    const from = next === undefined ? '' : `&continue=${next}`;
    const page = await client.json<BlastRadius>(
      'GET',
      `/v1/blueprints/${blueprint}/blast-radius?version=1.1.0&limit=50${from}`,
    );
    seen += page.items.filter(({ planned }) => (planned?.objects.length ?? 0) > 0).length;
    next = page.continue;
  } while (next !== undefined);
  return seen;
}

async function measureBlastRadius(client: Client, count: number): Promise<Figure[]> {
  await inParallel(count, 4, (index) =>
    client.change(environment, {
      action: 'install',
      application: `app-${index}`,
      blueprint,
      version: '1.0.0',
      values: greetingOf(index),
    }),
  );
  const floor = {
    what: '`helm template` twice for each',
    value: (2 * count * (await bareTemplateMs(small, 5, greetingOf))) / 1000,
  };
  let seen = 0;
  const look = async () =>
    (await timed(async () => {
      seen = await walk(client);
    })) / 1000;
  const cold = await look();
  if (seen !== count) throw new Error(`The blast radius shows ${seen} of ${count} Applications.`);
  const cached = await look();
  return [
    { what: `blast radius over ${count} Applications, rendered anew`, value: cold, unit: 's', floor },
    { what: 'the same again, renders stored', value: cached, unit: 's', floor },
  ];
}
