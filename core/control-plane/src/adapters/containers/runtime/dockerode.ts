import { createRequire, Module } from 'node:module';
import { dirname, join } from 'node:path';
import type DockerClient from 'dockerode';

const require = createRequire(import.meta.url);

/**
 * The client's two ways that Catalyst never takes: sessions of a build (gRPC), and an engine behind SSH. Loading them would take 17 MB
 * and 0.15 s of every start. A client whose files have other names does not load: this is looked at again then.
 */
const unused: readonly (readonly [of: string, file: string])[] = (() => {
  const client = require.resolve('dockerode');
  return [
    [client, 'session.js'],
    [createRequire(client).resolve('docker-modem'), 'ssh.js'],
  ];
})();

for (const [of, file] of unused) {
  const id = require.resolve(join(dirname(of), file));
  const exports = () => {
    throw new Error(`${file} of the engine's client is left out here`);
  };
  require.cache[id] ??= Object.assign(new Module(id), { filename: id, loaded: true, exports });
}

/** The Docker API client, without what is never used of it. */
export const Docker: typeof DockerClient = require('dockerode');
