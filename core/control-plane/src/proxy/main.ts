import { readFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { parseProxyConfiguration } from './configuration.ts';
import { describePortHolder } from './port-holder.ts';
import { createRouteTable } from './route-table.ts';
import { createEntryProxy } from './server.ts';

/** Exit code when another program has the port. */
const portTaken = 3;
const graceMs = 5000;

function log(message: string): void {
  process.stdout.write(
    `${JSON.stringify({ time: new Date().toISOString(), component: 'proxy', message })}\n`,
  );
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function writePid(path: string): Promise<void> {
  const part = `${path}.${process.pid}`;
  await writeFile(part, `${process.pid}\n`);
  await rename(part, path);
}

/** A newer proxy may already have taken the file over. */
async function removePid(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text.trim() === String(process.pid)) await rm(path, { force: true });
}

async function main(): Promise<void> {
  const file = process.argv[2];
  if (file === undefined) throw new TypeError('usage: node proxy/main.ts CONFIGURATION.json');
  const configuration = parseProxyConfiguration(readFileSync(file, 'utf8'));
  const { host, port } = configuration.listen;
  // Whoever read the output may be gone: the proxy outlives the control plane.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('SIGHUP', () => undefined);

  const routes = await createRouteTable({ path: configuration.routesFile, log });
  const proxy = createEntryProxy({
    routes,
    controlPlaneSocket: configuration.controlPlaneSocket,
    status: { version: configuration.version, pid: process.pid, port, startedAt: new Date().toISOString() },
  });
  try {
    await listen(proxy.server, host, port);
  } catch (error) {
    routes.close();
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    const holder = await describePortHolder(port);
    process.stderr.write(`Port ${port} is taken${holder === undefined ? '' : ` by ${holder}`}.\n`);
    process.exitCode = portTaken;
    return;
  }
  await writePid(configuration.pidFile);
  log(`serving on ${host}:${port} with ${routes.size()} routes`);

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    routes.close();
    await removePid(configuration.pidFile);
    await proxy.close(graceMs);
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
}

await main();
