import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject, KubernetesObject } from '../kubernetes.ts';
import { sameJson } from '../yaml/edit-yaml.ts';
import { diffFields, type FieldDifference, type Step } from './diff-fields.ts';
import { diffLines } from './diff-lines.ts';
import { diffObjects } from './diff-objects.ts';
import { itemKey } from './merge-keys.ts';

/** Applies a difference as its steps say; the reference that `diffFields` promises. */
function applyOne(
  value: Json | undefined,
  steps: readonly Step[],
  difference: FieldDifference,
): Json | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return difference.after;
  const inner = (child: Json | undefined) => applyOne(child, rest, difference);
  if ('field' in step) {
    const { [step.field]: old, ...others } = value as JsonObject;
    const made = inner(old);
    return made === undefined ? others : { ...others, [step.field]: made };
  }
  const list = [...(value as Json[])];
  if ('order' in step) {
    const order = difference.after as string[];
    return list.sort(
      (a, b) => order.indexOf(itemKey(a, step.order) ?? '') - order.indexOf(itemKey(b, step.order) ?? ''),
    );
  }
  const at = 'index' in step ? step.index : list.findIndex((item) => itemKey(item, step.key) === step.item);
  const made = inner(list[at]);
  if (made === undefined) list.splice(at, 1);
  else if (at < 0) list.push(made);
  else list[at] = made;
  return list;
}

const word = fc.stringMatching(/^[a-c]{1,2}$/);
const json = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.integer({ min: 0, max: 3 }),
    word,
    fc.boolean(),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.array(fc.record({ name: word, value: tie('node') }), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('env', 'ports', 'spec', 'a.b/c'), tie('node'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).node as fc.Arbitrary<Json>;

function object(kind: string, content: object, name = 'web'): KubernetesObject {
  const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1';
  return { apiVersion, kind, metadata: { name }, ...content } as unknown as KubernetesObject;
}

function pod(container: object, more: object = {}): KubernetesObject {
  return object('Deployment', {
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'web', ...container }], ...more } } },
  });
}
const web = 'spec.template.spec.containers[web]';

const cases: { name: string; before: KubernetesObject; after: KubernetesObject; want: unknown }[] = [
  {
    name: 'a variable by the name of its container and its own',
    before: pod({
      env: [
        { name: 'A', value: '1' },
        { name: 'GREETING', value: 'hello' },
      ],
    }),
    after: pod({
      env: [
        { name: 'A', value: '1' },
        { name: 'GREETING', value: 'salam' },
      ],
    }),
    want: [{ path: `${web}.env[GREETING].value`, before: 'hello', after: 'salam' }],
  },
  {
    name: 'an added sidecar as one, not as a shift of all that follow',
    before: pod({}),
    after: object('Deployment', {
      spec: { replicas: 1, template: { spec: { containers: [{ name: 'log' }, { name: 'web' }] } } },
    }),
    want: [
      { path: 'spec.template.spec.containers[log]', after: { name: 'log' } },
      { path: 'spec.template.spec.containers[order]', before: ['web', 'log'], after: ['log', 'web'] },
    ],
  },
  {
    name: 'ports and mounts by number and path',
    before: pod({ ports: [{ containerPort: 80 }], volumeMounts: [{ mountPath: '/data', name: 'a' }] }),
    after: pod({ ports: [{ containerPort: 8080 }], volumeMounts: [{ mountPath: '/data', name: 'b' }] }),
    want: [
      { path: `${web}.ports[80]`, before: { containerPort: 80 } },
      { path: `${web}.ports[8080]`, after: { containerPort: 8080 } },
      { path: `${web}.volumeMounts[/data].name`, before: 'a', after: 'b' },
    ],
  },
  {
    name: 'arguments by position, since they have no names',
    before: pod({ args: ['-v', 'one', 'two'] }),
    after: pod({ args: ['-v', 'three'] }),
    want: [
      { path: `${web}.args[1]`, before: 'one', after: 'three' },
      { path: `${web}.args[2]`, before: 'two' },
    ],
  },
  {
    name: 'names that are no identifiers in quotes',
    before: object('ConfigMap', { data: { 'app.ini': 'a' } }),
    after: object('ConfigMap', { data: { 'app.ini': 'b' } }),
    want: [{ path: 'data["app.ini"]', before: 'a', after: 'b' }],
  },
  {
    name: 'long texts by the lines that differ',
    before: object('ConfigMap', { data: { conf: 'one\ntwo\nthree\nfour' } }),
    after: object('ConfigMap', { data: { conf: 'one\n2\nthree\nfour\nfive' } }),
    want: [
      { path: 'data.conf line 2', before: 'two', after: '2' },
      { path: 'data.conf line 5', after: 'five' },
    ],
  },
  {
    name: 'a Secret by its keys alone',
    before: object('Secret', { type: 'Opaque', data: { password: 'b2xk', gone: 'eA==' } }),
    after: object('Secret', { type: 'Opaque', data: { password: 'bmV3', added: 'eQ==' } }),
    want: [
      { path: 'data.password', before: '(not shown)', after: '(not shown)' },
      { path: 'data.gone', before: '(not shown)' },
      { path: 'data.added', after: '(not shown)' },
    ],
  },
];

describe('diffObjects', () => {
  for (const { name, before, after, want } of cases)
    it(`tells ${name}`, () => {
      assert.deepEqual(diffObjects([before], [after])[0]?.fields, want);
    });

  it('tells what is added, removed and the same, by group, kind and name', () => {
    const same = object('Service', {}, 'same');
    const changes = diffObjects(
      [same, object('Service', {}, 'old')],
      [same, object('ServiceAccount', {}, 'old')],
    );
    assert.deepEqual(
      changes.map(({ change, kind, name, enforced }) => [change, kind, name, enforced]),
      [
        ['create', 'ServiceAccount', 'old', false],
        ['remove', 'Service', 'old', true],
      ],
    );
  });

  it('never carries what a Secret holds, wherever in it that stands', () => {
    fc.assert(
      fc.property(json, json, (left, right) => {
        const hidden = 'TOPSECRET';
        const secret = (content: Json) =>
          object('Secret', {
            data: { k: hidden },
            stringData: content,
            metadata: { name: 's', annotations: { x: hidden } },
          });
        assert.ok(!JSON.stringify(diffObjects([secret(left)], [secret({ hidden, right })])).includes(hidden));
      }),
    );
  });

  it('stays bounded, however much differs', () => {
    const data = (text: string) =>
      Object.fromEntries(Array.from({ length: 3000 }, (_item, index) => [`k${index}`, text.repeat(5000)]));
    const [change] = diffObjects(
      [object('ConfigMap', { data: data('a\n') })],
      [object('ConfigMap', { data: data('b\n') })],
    );
    assert.equal(change?.fields?.length, 200);
    assert.equal(change?.fields?.at(-1)?.path, '… 2801 more fields');
    assert.ok(JSON.stringify(change).length < 2_000_000);
  });
});

describe('diffFields', () => {
  it('is complete: what it tells, applied to what was, gives what is', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        const made = diffFields(before, after).reduce<Json | undefined>(
          (value, difference) => applyOne(value, difference.steps, difference),
          before,
        );
        assert.ok(sameJson(made, after), JSON.stringify({ before, after, made }));
      }),
      { numRuns: 2000 },
    );
  });

  it('tells nothing of what is the same', () => {
    fc.assert(fc.property(json, (value) => assert.deepEqual(diffFields(value, structuredClone(value)), [])));
  });
});

describe('diffLines', () => {
  it('is complete, and keeps every line that it can', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const made: string[] = [...before];
        for (const { at, removed, added } of diffLines(before, after).reverse()) {
          assert.deepEqual(made.slice(at, at + removed.length), removed);
          made.splice(at, removed.length, ...added);
        }
        assert.deepEqual(made, after);
      }),
      { numRuns: 2000 },
    );
  });
});
