import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { testImage } from '../e2e/kit/images.ts';
import { fetchLocal, freePort, type Sovereign } from '../e2e/kit/sovereign.ts';
import { answers } from './http-floors.ts';
import { environment, type Scale, webApp, withSovereign } from './sovereign.ts';
import { type Figure, median, timed } from './table.ts';

/** From a commit to an answer of the container that it asked for. */
export function measureContainers(scale: Scale): Promise<Figure[]> {
  return withSovereign(async (sovereign, client) => {
    const count = scale.full ? 8 : 3;
    const samples: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const application = `ready${index}`;
      const plan = await client.plan(environment, {
        action: 'install',
        application,
        blueprint: 'bp-web-app',
        values: webApp(1),
      });
      const host = `${application}.${environment}.localhost`;
      samples.push(
        await timed(async () => {
          await client.apply(environment, plan);
          while ((await fetchLocal(sovereign.port, host, '/').catch(() => undefined))?.status !== 200)
            await wait(10);
        }),
      );
    }
    return [
      {
        what: `commit to the first answer of its container through the entry proxy (median of ${count})`,
        value: median(samples),
        unit: 'ms',
        floor: {
          what: 'bare `run` of the engine until it answers',
          value: median(await bareContainerMs(sovereign, count)),
        },
      },
    ];
  });
}

/** `podman run` (with the Sovereign's own configuration) or `docker run` until the program inside answers. */
async function bareContainerMs(sovereign: Sovereign, count: number): Promise<number[]> {
  // The host's own configuration may name a network backend that is not installed; the Sovereign brings what works here.
  const configuration = join(sovereign.dataDirectory, 'engine/containers.conf');
  const engine = existsSync(configuration) ? 'podman' : 'docker';
  const call = (...args: string[]) => {
    const env = engine === 'podman' ? { ...process.env, CONTAINERS_CONF: configuration } : process.env;
    const result = spawnSync(engine, args, { encoding: 'utf8', env, cwd: '/' });
    if (result.status !== 0) throw new Error(`${engine} ${args[0]}: ${result.stderr}`);
  };
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = `catalyst-bench-floor-${process.pid}-${index}`;
    const port = await freePort();
    const { command, args } = webApp(1) as { command: string[]; args: string[] };
    try {
      samples.push(
        await timed(async () => {
          const publish = `127.0.0.1:${port}:8080`;
          call(
            'run',
            '--detach',
            '--name',
            name,
            '--publish',
            publish,
            testImage('busybox'),
            ...command,
            ...args,
          );
          while (!(await answers(port))) await wait(10);
        }),
      );
    } finally {
      call('rm', '--force', name);
    }
  }
  return samples;
}
