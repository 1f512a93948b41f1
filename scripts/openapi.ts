/** Writes `openapi.json` from the routes as they are; `--check` only says whether it is up to date. */
import { readFile, writeFile } from 'node:fs/promises';
import { buildOpenApi } from '../core/control-plane/src/api/testing/build-open-api.ts';

const file = new URL('../openapi.json', import.meta.url);
const text = await buildOpenApi();
if (process.argv.includes('--check')) {
  const before = await readFile(file, 'utf8').catch(() => '');
  if (before !== text) {
    console.error('openapi.json is not what the routes say. Run `node scripts/openapi.ts`.');
    process.exitCode = 1;
  }
} else await writeFile(file, text);
