import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Blueprint } from '../resources/blueprint.ts';
import { upgradeRules } from './upgrade-rules.ts';

const fieldsOf = (upgrades: object) =>
  upgradeRules({ spec: { upgrades } } as unknown as Blueprint).map(({ field }) => field);

describe('upgradeRules', () => {
  it('takes versions, wildcards and ranges', () => {
    assert.deepEqual(
      fieldsOf({ from: ['1.2.x', '1.x', '>=1.2 <2', '1.2.3', '*'], blocks: ['0.x || 1.0.0'] }),
      [],
    );
  });

  it('names what is no range, and lists that are too long', () => {
    assert.deepEqual(fieldsOf({ from: ['1.x', 'the old one'], blocks: [`${'1.0.0 || '.repeat(30)}1.0.0`] }), [
      'spec.upgrades.from.1',
      'spec.upgrades.blocks.0',
    ]);
    assert.deepEqual(fieldsOf({ from: Array.from({ length: 51 }, () => '1.x') }), ['spec.upgrades.from']);
    assert.deepEqual(fieldsOf({ migrations: [{ from: '??', to: '1.0.0', reversible: false }] }), [
      'spec.upgrades.migrations.0',
    ]);
  });
});
