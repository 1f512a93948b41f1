import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BaseApplication, OverlayApplication } from '../resources/application.ts';
import type { Blueprint } from '../resources/blueprint.ts';
import type { BranchContext } from './branch-context.ts';
import { checkBindings, checkRequirements } from './check-bindings.ts';

const always = { alias: 'db', blueprint: 'bp-mariadb', version: '^1.0' };
const sometimes = { alias: 'cache', blueprint: 'bp-valkey', version: '^1.0', when: '{{ .config.cached }}' };
const base = (...requires: object[]) =>
  ({ spec: { blueprint: { name: 'bp-shop', version: '1.0.0' }, requires } }) as unknown as BaseApplication;
const overlay = (bindings: Record<string, string>) =>
  ({
    spec: { bindings: Object.entries(bindings).map(([alias, application]) => ({ alias, application })) },
  }) as unknown as OverlayApplication;
const context = {
  organization: 'acme',
  application: 'shop',
  environment: 'acme-dev',
  envType: 'dev',
  provider: (name: string) =>
    ({
      maria: { blueprint: 'bp-mariadb', version: '1.2.0', service: 'mariadb', port: 3306 },
      valkey: { blueprint: 'bp-valkey', version: '1.0.0', service: 'valkey', port: 6379 },
    })[name],
  satisfies: (version: string, range: string) => version.startsWith(range.slice(1, 2)),
} as unknown as BranchContext;

describe('checkBindings', () => {
  const cases: {
    name: string;
    config: Record<string, boolean>;
    bindings: Record<string, string>;
    want: string[];
  }[] = [
    {
      name: 'a true condition that is bound',
      config: { cached: true },
      bindings: { db: 'maria', cache: 'valkey' },
      want: [],
    },
    { name: 'a false one that is not', config: { cached: false }, bindings: { db: 'maria' }, want: [] },
    {
      name: 'a true one that is not',
      config: { cached: true },
      bindings: { db: 'maria' },
      want: ['BindingMissing'],
    },
    {
      name: 'a false one that is',
      config: { cached: false },
      bindings: { db: 'maria', cache: 'valkey' },
      want: ['BindingUnneeded'],
    },
    { name: 'one that fails', config: {}, bindings: { db: 'maria' }, want: ['ConditionFailed'] },
    {
      name: 'what nobody requires',
      config: { cached: false },
      bindings: { db: 'maria', other: 'valkey' },
      want: ['BindingUnknown'],
    },
    {
      name: 'another Blueprint',
      config: { cached: false },
      bindings: { db: 'valkey' },
      want: ['BindingUnfit'],
    },
  ];
  for (const { name, config, bindings, want } of cases)
    it(`${name}: ${want.join() || 'fine'}`, () => {
      const { problems } = checkBindings(base(always, sometimes), overlay(bindings), context, config);
      assert.deepEqual(
        problems.map((problem) => problem.code),
        want,
      );
    });
});

describe('checkRequirements', () => {
  const blueprint = {
    metadata: { name: 'bp-shop' },
    spec: { version: '1.0.0', depends: [always, sometimes] },
  } as unknown as Blueprint;
  const codes = (...requires: object[]) =>
    checkRequirements(base(...requires), blueprint).map((problem) => problem.code);
  it('takes what the Blueprint says, and more', () =>
    assert.deepEqual(codes(always, sometimes, { ...always, alias: 'second' }), []));
  it('refuses what is left out', () => assert.deepEqual(codes(always), ['RequirementMissing']));
  it('refuses a condition that is left out', () =>
    assert.deepEqual(codes(always, { ...sometimes, when: undefined }), ['RequirementAltered']));
  it('refuses another range', () =>
    assert.deepEqual(codes({ ...always, version: '*' }, sometimes), ['RequirementAltered']));
});
