import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { overridesOf } from './overrides.ts';

const schema = {
  properties: {
    replicas: { type: 'integer', default: 1 },
    note: { type: 'string' },
    hosts: { type: 'array', default: [] },
    resources: {
      type: 'object',
      properties: {
        memory: { type: 'string', default: '512Mi' },
        cpu: { type: 'string', default: '1' },
      },
    },
  },
};

describe('overridesOf', () => {
  const cases = [
    { name: 'nothing where nothing differs', start: { replicas: 2 }, wanted: { replicas: 2 }, want: {} },
    { name: 'what is new', start: {}, wanted: { replicas: 3 }, want: { replicas: 3 } },
    {
      name: 'one field of a group, and not its others',
      start: { resources: { memory: '1Gi', cpu: '2' } },
      wanted: { resources: { memory: '2Gi', cpu: '2' } },
      want: { resources: { memory: '2Gi' } },
    },
    {
      name: 'a list as a whole',
      start: { hosts: ['a'] },
      wanted: { hosts: ['a', 'b'] },
      want: { hosts: ['a', 'b'] },
    },
    {
      name: 'the default where that is what is wanted again',
      start: { replicas: 2 },
      wanted: {},
      want: { replicas: 1 },
    },
    {
      name: 'the defaults of a group',
      start: { resources: { memory: '1Gi' } },
      wanted: {},
      want: { resources: { memory: '512Mi' } },
    },
    { name: 'null for what has no default', start: { note: 'x' }, wanted: {}, want: { note: null } },
  ];
  for (const { name, start, wanted, want } of cases)
    it(name, () => assert.deepEqual(overridesOf(schema, start, wanted), want));
});
