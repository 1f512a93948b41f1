import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from './to-yaml.ts';

test('an object reads as people write it', () => {
  const object = {
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { args: ['-c', 'a: b'], env: [{ name: 'A', value: '1' }], empty: {} },
  };
  assert.equal(
    toYaml(object),
    'kind: Deployment\nmetadata:\n  name: web\nspec:\n  args:\n    - "-c"\n    - "a: b"\n  env:\n    - name: A\n      value: "1"\n  empty: {}\n',
  );
});

test('what is shown means the same as what is there', () => {
  const text = fc.string({ unit: fc.constantFrom(...'aZ09 _-:#\'"{}[]~.|>&*!%@`/,?$()\n'), maxLength: 12 });
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.boolean(),
      fc.integer(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(
        fc.string({ unit: fc.constantFrom(...'ab.-/ 1:'), minLength: 1, maxLength: 6 }),
        tie('any'),
        { maxKeys: 3, noNullPrototype: true },
      ),
    ),
  })).any;
  fc.assert(
    fc.property(value, (given) => {
      // Block texts drop their trailing blank lines for display; those are not compared.
      const comparable = JSON.parse(
        JSON.stringify(given, (_key, child) =>
          typeof child === 'string' ? child.replace(/^[\s]+|\s+$/g, '').replace(/\n\s*/g, '\n') : child,
        ),
      );
      assert.deepEqual(parse(toYaml(comparable)), comparable);
    }),
  );
});
