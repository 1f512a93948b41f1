import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { Client } from '../e2e/kit/client.ts';
import { ensureImages, testImage } from '../e2e/kit/images.ts';
import { setUpAndSignIn } from '../e2e/kit/sign-in.ts';
import { createSovereign, type Sovereign } from '../e2e/kit/sovereign.ts';

/** The Environment that a Sovereign of the benchmark begins with. */
export const environment = 'bench-dev';

/** Node as `./catalyst up` starts it. */
const launched = {
  NODE_OPTIONS: '--expose-gc --max-semi-space-size=2',
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/** What is measured, and how long that may take. */
export interface Scale {
  /** True for the sizes that the budgets name; smaller ones otherwise. */
  readonly full: boolean;
  /** Says on stderr what goes on. */
  say(text: string): void;
}

/** A web server of a few bytes; `replicas` of it. */
export function webApp(replicas: number, more: JsonObject = {}): JsonObject {
  return {
    image: testImage('busybox'),
    command: ['/bin/sh', '-c'],
    args: ['mkdir -p /tmp/www; echo ok > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www'],
    port: 8080,
    replicas,
    ...more,
  };
}

/** Measures on a Sovereign of its own, with the Organization `bench`; it is stopped and removed afterwards, whatever happens. */
export async function withSovereign<T>(
  measure: (sovereign: Sovereign, client: Client) => Promise<T>,
): Promise<T> {
  ensureImages('busybox');
  const sovereign = await createSovereign({ environment: launched });
  try {
    await sovereign.up();
    const client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'bench', environments: ['dev'] });
    return await measure(sovereign, client);
  } finally {
    await sovereign.destroy();
  }
}
