import assert from 'node:assert/strict';
import { it } from 'node:test';
import { loadPart } from './load-part.ts';

const atOnce = () => Promise.resolve();

it('loads a part again where the connection broke', async () => {
  let calls = 0;
  const load = () => {
    calls += 1;
    return calls < 3 ? Promise.reject(new Error('network changed')) : Promise.resolve('part');
  };
  assert.equal(await loadPart(load, atOnce), 'part');
  assert.equal(calls, 3);
});

it('gives up with the last error', async () => {
  let calls = 0;
  const load = () => {
    calls += 1;
    return Promise.reject(new Error(`failed ${calls}`));
  };
  await assert.rejects(loadPart(load, atOnce), /failed 4/);
});
