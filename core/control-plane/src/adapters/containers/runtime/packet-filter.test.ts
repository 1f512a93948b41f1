import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { testLogger } from '../../../events/testing/nats-kit.ts';
import type { EnvironmentState } from './environment-state.ts';
import { createPacketFilter } from './packet-filter.ts';
import { onHost, whyNotHere } from './testing/kit.ts';

describe('the packet filter of a host', { skip: whyNotHere() ?? false }, () => {
  const states = new Map<string, EnvironmentState>();
  const sovereignId = `t${randomBytes(4).toString('hex')}`;
  const filter = createPacketFilter({
    sovereignId,
    sovereignPort: 8080,
    states: { all: () => [...states.values()] },
    logger: testLogger,
  });
  after(() => filter.remove());

  /** On disk first, as Environments do it. */
  function apply(environment: string, more: Partial<EnvironmentState> = {}): Promise<void> {
    const state = { environment, rules: [], selfHosts: {}, addresses: {}, ...more };
    states.set(environment, state);
    return filter.apply(state);
  }
  // Of the range for measurements (RFC 2544): Pods of other tests are in none of them.
  const network = (at: number) => ({ subnet: `198.18.${at}.0/24`, bridge: `cat-t${at}` });
  const listed = async () => (await onHost('nft', ['list', 'table', 'ip', `catalyst_${sovereignId}`])).output;

  it('refuses a change alone that nft refuses, and not those that come with it or after it', async () => {
    await apply('first-dev', network(1));
    const results = await Promise.allSettled([
      apply('waits-dev', network(2)),
      apply('twin-dev', network(1)),
      apply('third-dev', network(3)),
      apply('fourth-dev', network(4)),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
    await apply('fifth-dev', network(5));
    for (const at of [1, 2, 3, 4, 5]) assert.ok((await listed()).includes(`198.18.${at}.0/24`), `${at}`);
    await assert.rejects(apply('twin-dev', network(1)));
    await apply('twin-dev', network(6));
    assert.ok((await listed()).includes('198.18.6.0/24 : goto env_twin_dev'));
  });
});
