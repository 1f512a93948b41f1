import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngine } from './engine.ts';

function slowEngine() {
  const lines: object[] = [];
  const logger = { warn: (fields: object, message: string) => void lines.push({ ...fields, message }) };
  return { engine: createEngine({ socketPath: () => '/run/none.sock', logger, slowMs: 20 }), lines };
}

describe('calls of the container engine', { timeout: 10_000 }, () => {
  it('are logged with their duration when they are slow, whether they succeed or not', async () => {
    const { engine, lines } = slowEngine();
    await engine.call('start a Pod', 1_000, () => sleep(40));
    await assert.rejects(
      engine.call('list networks', 40, () => sleep(400)),
      {
        code: 'Unavailable',
        message:
          /^Cannot list networks: the container engine at \/run\/none.sock does not answer within 1 s\.$/,
      },
    );
    assert.deepEqual(
      lines.map((line) => ({ ...line, tookMs: 0 })),
      [
        { call: 'start a Pod', tookMs: 0, timeoutMs: 1_000, message: 'The container engine is slow' },
        { call: 'list networks', tookMs: 0, timeoutMs: 40, message: 'The container engine is slow' },
      ],
    );
  });

  it('are not logged when they take as long as expected', async () => {
    const { engine, lines } = slowEngine();
    await engine.call('look at a Pod', 1_000, () => Promise.resolve());
    await engine.call('stop a container', 1_000, () => sleep(40), 1_000);
    assert.deepEqual(lines, []);
  });
});
