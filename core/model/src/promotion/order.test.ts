import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { EnvType } from '../names.ts';
import { inPromotionOrder, promotedFrom, promotesTo } from './order.ts';

const cases: {
  name: string;
  present: EnvType[];
  from: EnvType;
  to: EnvType | undefined;
}[] = [
  { name: 'the usual three', present: ['dev', 'stg', 'prod'], from: 'dev', to: 'stg' },
  { name: 'what is not there is skipped', present: ['prod', 'dev'], from: 'dev', to: 'prod' },
  { name: 'uat lies between', present: ['prod', 'uat', 'stg'], from: 'stg', to: 'uat' },
  { name: 'poc leads to dev', present: ['poc', 'dev', 'prod'], from: 'poc', to: 'dev' },
  { name: 'prod leads nowhere', present: ['dev', 'prod'], from: 'prod', to: undefined },
];

for (const { name, present, from, to } of cases)
  it(`promotes in order: ${name}`, () => {
    assert.equal(promotesTo(present, from), to);
    if (to !== undefined) assert.equal(promotedFrom(present, to), from);
  });

it('lists Environments in the order of promotion', () => {
  assert.deepEqual(inPromotionOrder(['prod', 'poc', 'stg']), ['poc', 'stg', 'prod']);
});
