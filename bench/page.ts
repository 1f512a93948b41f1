import { Agent, get } from 'node:http';
import { makeApiKit } from '../core/control-plane/src/api/testing/api-kit.ts';
import {
  createReadModel,
  makeOrganizations,
  makeView,
} from '../core/control-plane/src/api/testing/doubles.ts';
import { type Figure, percentile, repeat } from './table.ts';

const rounds = 500;
const applications = 10_000;
const envTypes = ['dev', 'stg', 'prod'] as const;

/** The first page of many Applications, over HTTP at the API itself (no entry proxy); the read model is one in memory. */
export async function measurePage(): Promise<Figure[]> {
  const organizations = Object.fromEntries(
    Array.from({ length: 100 }, (_item, index) => [`org-${index}`, envTypes] as const),
  );
  const views = Array.from({ length: applications }, (_item, index) => {
    const organization = `org-${index % 100}`;
    return makeView(organization, `${organization}-${envTypes[index % 3]}`, `app-${index}`, 'Running');
  }).sort((left, right) => (left.name < right.name ? -1 : 1));
  const clean: (() => Promise<void>)[] = [];
  const kit = await makeApiKit((action) => clean.push(action), {
    replace: { organizations: makeOrganizations(organizations), readModel: createReadModel(views) },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const { port, hostname } = new URL(kit.origin);
    await kit.app.listen({ host: 'localhost', port: Number(port) });
    const headers = await kit.browser(kit.admin);
    const fetchPath = (path: string) =>
      new Promise<void>((resolve, reject) => {
        const call = get({ hostname, port, path, headers, agent }, (response) => {
          response.resume();
          response.once('end', () =>
            response.statusCode === 200 ? resolve() : reject(new Error(`${path}: ${response.statusCode}`)),
          );
        });
        call.once('error', reject);
      });
    await repeat(50, () => fetchPath('/v1/applications'));
    const value = percentile(await repeat(rounds, () => fetchPath('/v1/applications')), 0.99);
    const floor = percentile(await repeat(rounds, () => fetchPath('/healthz')), 0.99);
    return [
      {
        what: `first page of ${applications.toLocaleString('en')} Applications over HTTP, p99 of ${rounds}`,
        value,
        unit: 'ms',
        floor: { what: '`/healthz` of the same server', value: floor },
        budget: { words: 'under 20 ms', met: value < 20 },
      },
    ];
  } finally {
    agent.destroy();
    for (const action of clean) await action();
  }
}
