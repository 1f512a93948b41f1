import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KubernetesObject } from '../kubernetes.ts';
import { countFailure, ordinal, restartDelaySeconds } from './back-off.ts';
import { canonicalJson, hashOf } from './canonical.ts';
import { expandVariables } from './expand.ts';
import { withoutSecrets } from './namespace-content.ts';
import { decidePod, describeExit, type ObservedContainer, recordExit } from './pod-lifecycle.ts';
import { enginePodName, newPodName, podNameOf } from './pod-names.ts';
import { podAddressToken, podNameToken } from './pod-template.ts';
import { judgeHealth, recordProbe, toProbe, unprobed } from './probes.ts';
import { parseBytes, parseCpuMillis, parseQuantity } from './quantities.ts';
import { mergeValues, pickRelease } from './release-objects.ts';
import { pullPolicyOf, resolveTemplate } from './resolve-template.ts';
import { routesOf } from './services.ts';

describe('quantities', () => {
  for (const [given, want] of [
    ['500m', 0.5],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['2e3', 2000],
    [3, 3],
    ['.5', 0.5],
    ['1 Gi', undefined],
    ['Gi', undefined],
    ['0x10', undefined],
    [null, undefined],
  ] as const)
    it(`reads ${given} as ${want}`, () => assert.equal(parseQuantity(given), want));
  it('rounds up and refuses what is not positive', () => {
    assert.equal(parseCpuMillis('0.0001'), 1);
    assert.equal(parseCpuMillis('100m'), 100);
    assert.equal(parseBytes('0'), undefined);
    assert.equal(parseBytes('-1'), undefined);
  });
});

describe('back-off', () => {
  it('doubles from 10 s to 5 min', () =>
    assert.deepEqual([0, 1, 2, 3, 6, 99].map(restartDelaySeconds), [0, 10, 20, 40, 300, 300]));
  it('forgets failures after 10 min of running', () => {
    assert.equal(countFailure(4, 599), 5);
    assert.equal(countFailure(4, 600), 1);
  });
  it('counts in words', () =>
    assert.deepEqual(
      [1, 2, 3, 4, 11, 12, 13, 21, 112].map(ordinal),
      '1st 2nd 3rd 4th 11th 12th 13th 21st 112th'.split(' '),
    ));
});

describe('canonical JSON', () => {
  it('is the same for every order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(turned), canonicalJson(value));
        assert.equal(hashOf(turned), hashOf(value));
      }),
    );
  });
});

describe('variable expansion', () => {
  for (const [given, want] of [
    ['$(A)-$(B)', '1-$(B)'],
    ['$$(A)', '$(A)'],
    ['$(A', '$(A'],
    ['$A', '$A'],
    ['$(toString)', '$(toString)'],
  ] as const)
    it(`turns ${given} into ${want}`, () => assert.equal(expandVariables(given, { A: '1' }), want));
});

describe('names of Pods', () => {
  const name = fc
    .array(fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join('-').slice(0, 40).replace(/-$/, ''));
  it('are labels at the engine, unique by Application, and found again', () => {
    fc.assert(
      fc.property(name, name, fc.integer({ min: 0, max: 99 }), (application, set, index) => {
        const pod = `${set}-${index}`;
        const engine = enginePodName(application, pod);
        assert.match(engine, /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])$/);
        assert.equal(podNameOf({ application, pod: engine, owner: { kind: 'StatefulSet', name: set } }), pod);
      }),
    );
  });
  it('fit also for the longest Application', () => {
    fc.assert(
      fc.property(name, name, (application, owner) => {
        const pod = newPodName(application, owner, 'abcdef0123', 'xxxxx');
        assert.equal(enginePodName(application, pod), `${application}--${pod}`);
      }),
    );
  });
});

describe('the life of a Pod', () => {
  const container = (name: string, more: Partial<ObservedContainer> = {}): ObservedContainer => ({
    name,
    init: false,
    image: 'x',
    state: 'running',
    restarts: 0,
    ...more,
  });
  const ended = (exitCode: number) => ({ state: 'terminated' as const, exitCode });
  const spec = (name: string) => ({ name }) as never;
  const template = (restartPolicy: 'Always' | 'OnFailure' | 'Never' = 'Always') => ({
    initContainers: [spec('one'), spec('two')],
    containers: [spec('web')],
    restartPolicy,
  });
  const init = (name: string, code: number) => container(name, { init: true, ...ended(code) });
  const cases = [
    { name: 'starts the first init container', given: [], want: { kind: 'start', container: 'one' } },
    {
      name: 'waits for a running init container',
      given: [container('one', { init: true })],
      want: { kind: 'wait' },
    },
    { name: 'goes on to the next one', given: [init('one', 0)], want: { kind: 'start', container: 'two' } },
    { name: 'repeats a failed one', given: [init('one', 1)], want: { kind: 'start', container: 'one' } },
    {
      name: 'starts the containers after all of them',
      given: [init('one', 0), init('two', 0)],
      want: { kind: 'start', container: 'web' },
    },
    {
      name: 'does not repeat init containers for a crash',
      given: [container('web', ended(1))],
      want: { kind: 'start', container: 'web' },
    },
    {
      name: 'ends well without restart',
      policy: 'OnFailure' as const,
      given: [container('web', ended(0))],
      want: { kind: 'ended', phase: 'Succeeded' },
    },
    {
      name: 'ends badly when never restarted',
      policy: 'Never' as const,
      given: [container('web', ended(2))],
      want: { kind: 'ended', phase: 'Failed' },
    },
    { name: 'leaves what runs alone', given: [container('web')], want: { kind: 'wait' } },
  ];
  for (const { name, policy, given, want } of cases)
    it(name, () => assert.deepEqual(decidePod(template(policy), given, new Map(), 1000), want));

  it('waits for the back-off, counts each exit once and says when it goes on', () => {
    const now = Date.parse('2026-01-01T00:00:10Z');
    const crashed = container('web', {
      ...ended(1),
      restarts: 2,
      startedAt: '2026-01-01T00:00:09Z',
      finishedAt: '2026-01-01T00:00:10Z',
    });
    const memory = recordExit({ failures: 2, counted: '', notBefore: 0 }, crashed, now, 1000);
    assert.equal(recordExit(memory, crashed, now + 1, 1000), memory);
    const step = decidePod(template(), [crashed], new Map([['web', memory]]), now);
    assert.deepEqual(step, { kind: 'wait', untilMs: now + 40_000 });
    const { message, lasting } = describeExit('Pod web-1 of Deployment web', crashed, memory, now);
    assert.equal(
      message,
      'Container web of Pod web-1 of Deployment web exited with code 1 for the 3rd time; it is started again at 2026-01-01T00:00:50Z.',
    );
    assert.equal(lasting, true);
  });
});

describe('probes', () => {
  it('have the defaults of Kubernetes, and nothing below them', () => {
    assert.deepEqual(toProbe({ httpGet: { port: 'http', path: 'x' }, periodSeconds: 0 }), {
      action: { kind: 'http', port: 'http', path: '/x', scheme: 'http', headers: {} },
      initialDelaySeconds: 0,
      periodSeconds: 1,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 3,
    });
    assert.equal(toProbe({ grpc: { port: 1 } }), undefined);
  });
  const probe = { ...(toProbe({ tcpSocket: { port: 1 } }) ?? assert.fail()), failureThreshold: 2 };
  const fail = { ok: false, message: 'no' } as const;
  it('change their verdict only after the threshold', () => {
    const once = recordProbe(probe, recordProbe(probe, unprobed, { ok: true }), fail);
    assert.equal(once.verdict, 'passing');
    assert.equal(recordProbe(probe, once, fail).verdict, 'failing');
    assert.equal(recordProbe(probe, recordProbe(probe, once, { ok: true }), fail).verdict, 'passing');
  });
  it('restart for liveness, never for readiness, and only once startup has passed', () => {
    const failing = recordProbe(probe, recordProbe(probe, unprobed, fail), fail);
    const passing = recordProbe(probe, unprobed, { ok: true });
    const states = { startup: passing, readiness: failing, liveness: passing };
    const probes = { startup: probe, readiness: probe, liveness: probe };
    assert.deepEqual(judgeHealth(probes, states), {
      started: true,
      ready: false,
      restart: false,
      message: 'its readiness probe fails: no',
    });
    assert.equal(judgeHealth(probes, { ...states, liveness: failing }).restart, true);
    const early = judgeHealth(probes, { startup: unprobed, readiness: passing, liveness: failing });
    assert.deepEqual(early, { started: false, ready: false, restart: false });
  });
});

describe('a resolved template', () => {
  const sources = {
    configMaps: new Map([['config', { a: '1', b: '2' }]]),
    secrets: new Map([['keys', { token: 'geheim' }]]),
  };
  const resolve = (spec: object, salt: unknown = null) =>
    resolveTemplate({ template: { spec }, namespace: 'shop', sources, claimTemplates: ['data'], salt });
  const spec = {
    volumes: [
      {
        name: 'files',
        projected: {
          defaultMode: 0o400,
          sources: [
            { configMap: { name: 'config', items: [{ key: 'a', path: 'x/a' }] } },
            { secret: { name: 'keys' } },
          ],
        },
      },
    ],
    containers: [
      {
        name: 'web',
        image: 'nginx:1',
        args: ['--me=$(ME)', '--at=$(AT)'],
        envFrom: [{ prefix: 'C_', configMapRef: { name: 'config' } }],
        env: [
          { name: 'C_a', value: 'own' },
          { name: 'ME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'AT', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'URL', value: 'http://$(ME)/$(C_b)' },
        ],
        volumeMounts: [
          { name: 'files', mountPath: '/etc/x' },
          { name: 'data', mountPath: '/data' },
        ],
      },
    ],
  };
  it('has every reference filled in', () => {
    const resolved = resolve(spec);
    assert.ok(resolved.ok);
    const [web] = resolved.value.containers;
    assert.deepEqual(web?.env, {
      C_a: 'own',
      C_b: '2',
      ME: podNameToken,
      AT: podAddressToken,
      URL: `http://${podNameToken}/2`,
    });
    assert.deepEqual(web?.args, [`--me=${podNameToken}`, `--at=${podAddressToken}`]);
    assert.deepEqual(resolved.value.volumes, [
      { name: 'data', kind: 'claim', claim: `data-${podNameToken}` },
      {
        name: 'files',
        kind: 'files',
        secret: true,
        files: { 'x/a': { content: '1', mode: 0o400 }, token: { content: 'geheim', mode: 0o400 } },
      },
    ]);
    assert.deepEqual(
      web?.mounts.map((mount) => mount.readOnly),
      [true, false],
    );
  });
  it('has another hash for another content or salt, and the same for the same', () => {
    const hash = (result: ReturnType<typeof resolve>) => (result.ok ? result.value.hash : assert.fail());
    assert.equal(hash(resolve(spec)), hash(resolve(structuredClone(spec))));
    assert.notEqual(hash(resolve(spec)), hash(resolve(spec, '2026')));
    assert.notEqual(hash(resolve(spec)), hash(resolve({ ...spec, hostname: 'other' })));
  });
  for (const [what, env] of [
    ['a ConfigMap', { configMapKeyRef: { name: 'none', key: 'a' } }],
    ['a key', { secretKeyRef: { name: 'keys', key: 'none' } }],
  ] as const)
    it(`is refused when ${what} is missing, unless optional`, () => {
      const withEnv = (from: object) =>
        resolve({ containers: [{ name: 'c', image: 'x', env: [{ name: 'A', valueFrom: from }] }] });
      const missing = withEnv(env);
      assert.equal(!missing.ok && missing.problems[0]?.code, 'CreateContainerConfigError');
      const [[kind, reference]] = Object.entries(env) as [[string, object]];
      assert.equal(withEnv({ [kind]: { ...reference, optional: true } }).ok, true);
    });
  it('is refused when a file would leave its volume', () => {
    const result = resolve({
      volumes: [
        { name: 'v', configMap: { name: 'config', items: [{ key: 'a', path: '../../etc/passwd' }] } },
      ],
      containers: [{ name: 'c', image: 'x' }],
    });
    assert.equal(result.ok, false);
  });
  for (const [image, want] of [
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['host:5000/nginx', 'Always'],
    ['nginx:1', 'IfNotPresent'],
    ['nginx@sha256:0', 'IfNotPresent'],
  ] as const)
    it(`pulls ${image} ${want}`, () => assert.equal(pullPolicyOf(image, undefined), want));
});

describe('a release among built objects', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const build = (change: (objects: KubernetesObject[]) => void = () => undefined) => {
    const objects: KubernetesObject[] = [
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'OCIRepository',
        metadata: { name: 'blog' },
        spec: { ref: { digest } },
      },
      {
        apiVersion: 'helm.toolkit.fluxcd.io/v2',
        kind: 'HelmRelease',
        metadata: { name: 'blog' },
        spec: {
          targetNamespace: 'blog',
          chartRef: { kind: 'OCIRepository', name: 'blog' },
          valuesFrom: ['values.yaml', 'overlay.yaml'].map((valuesKey) => ({
            kind: 'ConfigMap',
            name: 'values-x',
            valuesKey,
          })),
        },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'values-x' },
        data: { 'values.yaml': 'a: {b: 1, c: [1]}\n', 'overlay.yaml': 'a: {c: [2]}\n' },
      },
      { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name: 'db' } },
    ];
    change(objects);
    return pickRelease(objects, 'blog');
  };
  it('gives digest, merged values and the objects beside it', () => {
    const picked = build();
    assert.ok(picked.ok);
    assert.deepEqual(picked.value.values, { a: { b: 1, c: [2] } });
    assert.equal(picked.value.digest, digest);
    assert.deepEqual(
      picked.value.objects.map((object) => object.kind),
      ['ExternalSecret'],
    );
  });
  it('is refused without a HelmRelease, a digest or its values', () => {
    assert.equal(build((objects) => objects.splice(1, 1)).ok, false);
    assert.equal(build((objects) => objects.splice(0, 1)).ok, false);
    assert.equal(build((objects) => objects.splice(2, 1)).ok, false);
  });
  it('merges without touching prototypes', () => {
    const merged = mergeValues({}, JSON.parse('{"__proto__": {"polluted": 1}}'));
    assert.equal(Object.hasOwn(merged, '__proto__'), true);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});

describe('routes and reports', () => {
  it('lead a rule without host to every host, and a named port to its number', () => {
    const objects: KubernetesObject[] = [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { selector: { a: 'b' }, ports: [{ name: 'http', port: 80 }] },
      },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'i' },
        spec: {
          rules: [
            {
              http: {
                paths: [
                  { path: '/', backend: { service: { name: 'web', port: { name: 'http' } } } },
                  { path: '/none', backend: { service: { name: 'none', port: { number: 1 } } } },
                ],
              },
            },
          ],
        },
      },
    ];
    const route = { ingress: 'i', path: '/', service: 'web', port: 80 };
    assert.deepEqual(routesOf(objects, ['a', 'b']), [
      { ...route, host: 'a' },
      { ...route, host: 'b' },
    ]);
  });
  it('never hold the contents of a Secret', () => {
    const secret: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'geheim' } },
      data: { a: 'Z2VoZWlt' },
      stringData: { b: 'geheim' },
    };
    const shown = JSON.stringify(withoutSecrets(secret));
    assert.equal(shown.includes('geheim') || shown.includes('Z2Vo'), false);
    assert.equal(shown.includes('"a"') && shown.includes('"b"'), true);
  });
});
