import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkConfigTree, parseConfigTree, toConfigFile } from './config-tree.ts';
import type { Environment, Organization } from './organization.ts';

const apiVersion = 'catalyst.openova.io/v1alpha1';
const organization = (name: string): Organization => ({
  apiVersion,
  kind: 'Organization',
  metadata: { name },
  spec: {},
});
const environment = (name: string, of: string, envType: Environment['spec']['envType']): Environment => ({
  apiVersion,
  kind: 'Environment',
  metadata: { name },
  spec: { organization: of, envType },
});
const acme = { 'organizations/acme.yaml': toConfigFile(organization('acme')) };

const prod = { 'environments/acme-prod.yaml': toConfigFile(environment('acme-prod', 'acme', 'prod')) };
const toPolicy = (name: string, rule = '') =>
  `apiVersion: ${apiVersion}
kind: EnvironmentPolicy
metadata: { name: ${name}-policy }
spec: { appliesTo: { environments: [${name}] }, rules: [${rule}] }
`;

const cases: { name: string; files: Record<string, string>; want: string[] }[] = [
  { name: 'nothing but a README', files: { 'README.md': '# anything: [' }, want: [] },
  {
    name: 'an Organization with its Environment',
    files: { ...acme, 'environments/acme-dev.yaml': toConfigFile(environment('acme-dev', 'acme', 'dev')) },
    want: [],
  },
  { name: 'a file that does not belong', files: { 'scripts/run.sh': 'x' }, want: ['UnknownFile'] },
  { name: 'a nested file', files: { 'organizations/a/b.yaml': 'x' }, want: ['UnknownFile'] },
  {
    name: 'a file named otherwise',
    files: { 'organizations/other.yaml': toConfigFile(organization('acme')) },
    want: ['InvalidName'],
  },
  {
    name: 'a policy of an Environment',
    files: { ...acme, ...prod, 'policies/acme-prod-policy.yaml': toPolicy('acme-prod') },
    want: [],
  },
  {
    name: 'a policy of no Environment',
    files: { ...acme, 'policies/acme-prod-policy.yaml': toPolicy('acme-prod') },
    want: ['UnknownEnvironment'],
  },
  {
    name: 'a policy under another name',
    files: { ...acme, ...prod, 'policies/prod.yaml': toPolicy('acme-prod') },
    want: ['InvalidName'],
  },
  {
    name: 'a policy with an unknown kind of rule',
    files: { ...acme, ...prod, 'policies/acme-prod-policy.yaml': toPolicy('acme-prod', '{ kind: magic }') },
    want: ['UnknownKind'],
  },
  {
    name: 'a reserved name',
    files: { 'organizations/system.yaml': toConfigFile(organization('system')) },
    want: ['ReservedName'],
  },
  {
    name: 'an Environment without its Organization',
    files: { 'environments/acme-dev.yaml': toConfigFile(environment('acme-dev', 'acme', 'dev')) },
    want: ['UnknownOrganization'],
  },
  {
    name: 'an Environment whose name is not its own',
    files: { ...acme, 'environments/acme-prod.yaml': toConfigFile(environment('acme-prod', 'acme', 'dev')) },
    want: ['InvalidName'],
  },
  {
    name: 'two documents in one file',
    files: { 'organizations/acme.yaml': `${acme['organizations/acme.yaml']}---\na: 1\n` },
    want: ['InvalidFile'],
  },
];
for (const { name, files, want } of cases)
  test(`${want.length === 0 ? 'accepted' : 'refused'}: ${name}`, () => {
    assert.deepEqual(
      checkConfigTree(files).map(({ code }) => code),
      want,
    );
  });

test('an alias bomb is refused and names its file', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
    .split('')
    .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
    .join('\n')}\n`;
  const [problem] = checkConfigTree({ 'organizations/acme.yaml': bomb });
  assert.equal(problem?.file, 'organizations/acme.yaml');
});

test('any text gives an answer, never an exception', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), fc.string(), (files, text) => {
      assert.ok(Array.isArray(checkConfigTree({ ...files, 'organizations/acme.yaml': text })));
    }),
    { numRuns: 300 },
  );
});

test('what is written is read again', () => {
  const parsed = parseConfigTree(acme);
  assert.deepEqual(parsed.ok && parsed.value.organizations, [organization('acme')]);
});
