import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { buildOpenApi } from './build-open-api.ts';

const snapshot = new URL('../../../../../openapi.json', import.meta.url);

test('openapi.json is what the routes say (else run `node scripts/openapi.ts`)', async () => {
  assert.equal(await readFile(snapshot, 'utf8'), await buildOpenApi());
});

test('every operation has an id of its own, a tag and problem answers', async () => {
  const document = JSON.parse(await buildOpenApi());
  assert.equal(document.openapi, '3.1.0');
  const ids = new Set<string>();
  for (const [path, methods] of Object.entries<Record<string, Operation>>(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const where = `${method} ${path}`;
      assert.ok(operation.operationId, where);
      assert.ok(!ids.has(operation.operationId), `${where}: ${operation.operationId} is taken`);
      ids.add(operation.operationId);
      assert.ok(operation.tags?.length, where);
      if (path !== '/v1/openapi.json')
        assert.ok(operation.responses['default']?.content?.['application/problem+json'], where);
    }
});

interface Operation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly responses: Record<string, { content?: Record<string, unknown> }>;
}
