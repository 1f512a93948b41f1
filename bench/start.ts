import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../e2e/kit/sovereign.ts';
import { answers } from './http-floors.ts';
import { withSovereign } from './sovereign.ts';
import { type Figure, median, repeat } from './table.ts';

/** From the process to a console and a catalog that are served, on a data folder that is there. */
export function measureStart(): Promise<Figure[]> {
  return withSovereign(async (sovereign) => {
    const samples: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await sovereign.interrupt();
      samples.push(...(await repeat(1, () => sovereign.up())));
    }
    const floors = await repeat(3, bareServer);
    const value = median(samples);
    return [
      {
        what: 'start: process to serving console and catalog, installed checkout (median of 3)',
        value,
        unit: 'ms',
        floor: { what: 'bare Node HTTP server, its end included', value: median(floors) },
        budget: { words: 'under 2 s', met: value < 2000 },
      },
    ];
  });
}

async function bareServer(): Promise<void> {
  const port = await freePort();
  const code = `require('node:http').createServer((_q, r) => r.end('ok')).listen(${port}, '127.0.0.1')`;
  const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
  while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  await once(child, 'exit');
}
