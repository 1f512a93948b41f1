import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until, whyNotHere } from '../runtime/testing/kit.ts';
import { type AgentKit, startAgentKit } from './testing/agent-kit.ts';

const serve = (text: string) =>
  `mkdir -p /tmp/www && echo ${text} > /tmp/www/index.html && exec httpd -f -p 8080 -h /tmp/www`;

/** A web server that answers with the value `text`, and a Service and Ingress before it. */
const web = (image: string) => ({
  'web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: {{ hasKey .Values "replicas" | ternary .Values.replicas 1 }}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: {{ .Values.image | default "${image}" }}
          command: [sh, -c, {{ .Values.command | default "${serve('$(TEXT)')}" | quote }}]
          env: [{ name: TEXT, valueFrom: { configMapKeyRef: { name: config, key: text } } }]
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: {{ .Values.probe | default "/" }}, port: http }, periodSeconds: 1 }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: config }
data: { text: {{ .Values.text | default "hello" }} }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
    - http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
`,
});

function fetchText(address: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: address, port, timeout: 3000, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text.trim()) : reject(new Error(`${response.statusCode}`)),
      );
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
  });
}

/** Ends the Podman service, if one runs now. */
async function killEngine(pidPath: string): Promise<void> {
  const pid = Number(await readFile(pidPath, 'utf8').catch(() => ''));
  try {
    if (pid > 0) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

describe('the container agent', { skip: whyNotHere() ?? false, concurrency: false }, () => {
  let kit: AgentKit;
  let digest: string;
  before(async () => {
    kit = await startAgentKit();
    digest = await kit.chart('web', web(kit.engine.image));
  });
  after(() => kit.close());

  it('brings a Deployment up behind its Service and reports routes, Pods and objects', async () => {
    kit.install('shop', digest);
    const status = await kit.reached('shop', 'Ready');
    assert.deepEqual(status.replicas, { ready: 1, desired: 1 });
    const [route] = status.routes;
    assert.ok(route);
    assert.equal(route.host, 'shop.acme-dev.localhost');
    assert.equal(await fetchText(route.address, route.port), 'hello');
    const objects = kit.workloads.snapshot().filter((object) => object.application === 'shop');
    assert.deepEqual(objects.map((object) => object.kind).sort(), [
      'Deployment',
      'Ingress',
      'Pod',
      'Service',
    ]);
    assert.equal(objects.find((object) => object.kind === 'Pod')?.status['ready'], true);
    assert.equal(kit.secured.includes('shop'), true);
    const manifests = await kit.gitops.manifests('acme-dev', 'shop');
    assert.equal(manifests?.length, 4);
  });

  it('rolls a changed configuration while the old Pod serves until the new one is ready', async () => {
    const [route] = kit.status('shop')?.routes ?? [];
    assert.ok(route);
    const answers: string[] = [];
    const failures: unknown[] = [];
    let going = true;
    const asking = (async () => {
      while (going) {
        await fetchText(route.address, route.port).then(
          (text) => answers.push(text),
          (error) => failures.push(error),
        );
      }
    })();
    kit.install('shop', digest, { text: 'changed' });
    await kit.reached('shop', 'Ready');
    await until('one Pod', async () => ((await kit.containers('shop')).length === 1 ? true : undefined));
    going = false;
    await asking;
    assert.deepEqual(failures, []);
    assert.equal(answers[0], 'hello');
    assert.equal(answers.at(-1), 'changed');
  });

  it('keeps the old version serving when the new one never becomes ready, and a later one replaces it at once', async () => {
    const [route] = kit.status('shop')?.routes ?? [];
    assert.ok(route);
    kit.install('shop', digest, { text: 'broken', probe: '/missing' });
    const failing = await kit.reached('shop', 'ProbeFailing');
    assert.match(failing.ready.message, /readiness probe fails: GET \/missing/);
    assert.equal(await fetchText(route.address, route.port), 'changed');
    const serving = await kit.containers('shop');
    await kit.restart();
    await kit.reached('shop', 'ProbeFailing');
    assert.equal(await fetchText(route.address, route.port), 'changed');
    assert.deepEqual(await kit.containers('shop'), serving);
    kit.install('shop', digest, { text: 'mended' });
    await kit.reached('shop', 'Ready');
    assert.equal(await fetchText(route.address, route.port), 'mended');
  });

  it('says how often a container crashed and when it is started again', async () => {
    kit.install('crash', digest, { command: 'exit 3' });
    const status = await kit.reached('crash', 'CrashLoopBackOff');
    assert.match(
      status.ready.message,
      /exited with code 3 for the \d+(st|nd|rd|th) time; it is started again (now|at \d{4}-\S+Z)\./,
    );
    await until('False', async () => (kit.status('crash')?.ready.status === 'False' ? true : undefined));
    kit.install('crash', digest, { text: 'fine' });
    await kit.reached('crash', 'Ready');
    kit.uninstall('crash');
    await until('removal', async () => (kit.status('crash')?.removed ? true : undefined));
    assert.deepEqual(await kit.containers('crash'), []);
  });

  it('waits for a missing image and starts when it appears', async () => {
    const image = `localhost/catalyst-test-${kit.engine.sovereignId}:later`;
    kit.install('late', digest, { image });
    const status = await kit
      .reached('late', 'ErrImagePull')
      .catch(() => kit.reached('late', 'ImagePullBackOff'));
    assert.match(status.ready.message, /tried again at \d{4}-\S+Z/);
    await kit.engine.engine
      .docker()
      .getImage(kit.engine.image)
      .tag({ repo: image.split(':')[0] ?? '', tag: 'later' });
    await kit.reached('late', 'Ready', 30_000);
    kit.uninstall('late');
    await until('removal', async () => (kit.status('late')?.removed ? true : undefined));
    await kit.engine.engine.docker().getImage(image).remove({ force: false });
  });

  it('leaves running containers alone when it restarts, and repairs what was removed by hand', async () => {
    const before = await kit.containers('shop');
    await kit.restart();
    await kit.reached('shop', 'Ready');
    assert.deepEqual(await kit.containers('shop'), before);
    await kit.engine.engine
      .docker()
      .getContainer(before[0]?.id ?? '')
      .remove({ force: true });
    await until('another container', async () => {
      const now = await kit.containers('shop');
      return now.length === 1 && now[0]?.id !== before[0]?.id && now[0]?.state === 'running'
        ? true
        : undefined;
    });
    await kit.reached('shop', 'Ready');
  });

  it('stops a container whose liveness probe fails, with the reason, and starts it again', async () => {
    const lively = await kit.chart('lively', {
      'pod.yaml': `apiVersion: v1
kind: Pod
metadata: { name: lively }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: c
      image: "${kit.engine.image}"
      command: [sleep, "1000"]
      livenessProbe: { exec: { command: [sh, -c, "test ! -e /tmp/sick"] }, periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 20 }
`,
    });
    kit.install('lively', lively);
    await kit.reached('lively', 'Ready');
    const { exitCode } = await kit.engine.runtime.exec(
      'acme-dev',
      'lively--lively',
      'c',
      ['touch', '/tmp/sick'],
      5000,
    );
    assert.equal(exitCode, 0);
    const status = await kit.reached('lively', 'CrashLoopBackOff');
    assert.match(status.ready.message, /was stopped for the 1st time because its liveness probe fails/);
    await kit.reached('lively', 'Ready');
    kit.uninstall('lively');
    await until('removal', async () => (kit.status('lively')?.removed ? true : undefined));
  });

  it('scales, pauses and resumes', async () => {
    kit.install('shop', digest, { text: 'mended', replicas: 3 });
    await until('three', async () => (kit.status('shop')?.replicas.ready === 3 ? true : undefined));
    kit.install('shop', digest, { text: 'mended', replicas: 3 }, { paused: true });
    const paused = await kit.reached('shop', 'Paused');
    assert.equal(paused.ready.status, 'True');
    assert.deepEqual(await kit.containers('shop'), []);
    const rendered = kit.renders();
    await kit.restart();
    await kit.reached('shop', 'Paused');
    assert.equal(kit.renders(), rendered, 'a paused Application costs no render at a start');
    kit.install('shop', digest, { text: 'mended' });
    await kit.reached('shop', 'Ready');
    assert.equal((await kit.containers('shop')).length, 1);
  });

  it('says of what is scaled to zero that nothing runs, also after a start', async () => {
    kit.install('shop', digest, { text: 'mended', replicas: 0 });
    const atZero = await kit.reached('shop', 'ScaledToZero');
    assert.deepEqual([atZero.ready.status, atZero.replicas], ['True', { ready: 0, desired: 0 }]);
    assert.deepEqual(await kit.containers('shop'), []);
    const rendered = kit.renders();
    await kit.restart();
    const again = await kit.reached('shop', 'ScaledToZero');
    assert.equal(again.ready.message, atZero.ready.message);
    assert.equal(kit.renders(), rendered, 'what is scaled to zero costs no render at a start');
    const dependent = await kit.chart('needs-shop', web(kit.engine.image));
    kit.install('needy', dependent, {}, { bindings: [{ alias: 'web', application: 'shop' }] });
    const waiting = await kit.reached('needy', 'DependencyNotReady');
    assert.match(waiting.ready.message, /shop, which is scaled to zero; set its replicas to 1 or more/);
    kit.uninstall('needy');
    kit.install('shop', digest, { text: 'mended' });
    await kit.reached('shop', 'Ready');
  });

  it('refuses by name before anything is applied', async () => {
    const pod = (more: string, container = '') =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: bad }\nspec: { containers: [{ name: c, image: x${container} }]${more} }\n`;
    const cases = [
      { name: 'privileged', text: pod('', ', securityContext: { privileged: true }'), want: /privileged/ },
      {
        name: 'hostPath',
        text: pod(', volumes: [{ name: v, hostPath: { path: / } }]'),
        want: /path of the host/,
      },
      {
        name: 'ClusterRole',
        text: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: all }\nrules: []\n',
        want: /ClusterRole\/all: .*needs Kubernetes/,
      },
    ];
    for (const { name, text, want } of cases) {
      const bad = await kit.chart(name, { 'bad.yaml': text, ...web(kit.engine.image) });
      kit.install('bad', bad);
      const status = await kit.reached('bad', 'Refused');
      assert.match(status.ready.message, want);
      assert.deepEqual(await kit.containers('bad'), []);
    }
    kit.install('bad', 'sha256:'.padEnd(71, '0'));
    await kit.reached('bad', 'BlueprintMissing');
    kit.uninstall('bad');
  });

  it('says so while the engine is away, and goes on by itself', async () => {
    const running = await kit.containers('shop');
    const seen = kit.statuses.length;
    // It is started again within a second: it must be away for as long as it takes to be noticed.
    const away = await until('the engine to be away', async () => {
      await killEngine(join(kit.engine.runDirectory, 'podman.pid'));
      return kit.statuses
        .slice(seen)
        .find((status) => status.application === 'shop' && status.ready.reason === 'EngineUnavailable');
    });
    assert.equal(away.ready.status, 'Unknown');
    await kit.reached('shop', 'Ready', 30_000);
    assert.deepEqual(await kit.containers('shop'), running);
  });

  it('removes what is no longer rendered', async () => {
    const two = await kit.chart('two', {
      ...web(kit.engine.image),
      'more.yaml': `{{ if .Values.more }}
apiVersion: v1
kind: Pod
metadata: { name: more }
spec: { terminationGracePeriodSeconds: 0, containers: [{ name: c, image: "${kit.engine.image}", command: [sleep, "1000"] }] }
{{ end }}`,
    });
    kit.install('two', two, { more: true });
    await kit.reached('two', 'Ready');
    assert.equal((await kit.containers('two')).length, 2);
    kit.install('two', two);
    await until('one Pod', async () => ((await kit.containers('two')).length === 1 ? true : undefined));
    kit.uninstall('two');
    await until('removal', async () => (kit.status('two')?.removed ? true : undefined));
  });
});
