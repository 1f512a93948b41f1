import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Images that the tests run. `web` serves one page that says what GREETING holds, on port 8080. */
export type TestImage = 'busybox' | 'web' | 'mariadb' | 'valkey' | 'wordpress';

const root = join(import.meta.dirname, '../..');

/** Builds (once) and loads images made from the distribution's own packages; they are named `localhost/catalyst-test/<name>:1`. */
export function ensureImages(...names: readonly TestImage[]): void {
  execFileSync(join(root, 'e2e/images/build.sh'), [join(root, '.cache/images'), ...names], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** Name of a test image. */
export function testImage(name: TestImage): string {
  return `localhost/catalyst-test/${name}:1`;
}
