import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until, whyNotHere } from '../runtime/testing/kit.ts';
import { type AgentKit, startAgentKit } from './testing/agent-kit.ts';

const sleeping = (image: string) =>
  `name: c, image: "${image}", command: [sh, -c, {{ .Values.command | default "sleep 1000" | quote }}]`;

const stateful = (image: string) => ({
  'set.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  replicas: {{ .Values.replicas | default 1 }}
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - { ${sleeping(image)}, env: [{ name: ME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }, { name: V, value: "{{ .Values.v }}" }], volumeMounts: [{ name: data, mountPath: /data }] }
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 10Mi } } }
---
apiVersion: v1
kind: Service
metadata: { name: db }
spec: { clusterIP: None, selector: { app: db }, ports: [{ port: 80 }] }
`,
});

const claimed = (image: string) => ({
  'all.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: one }
spec:
  selector: { matchLabels: { app: one } }
  template:
    metadata: { labels: { app: one } }
    spec:
      terminationGracePeriodSeconds: 0
      volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]
      containers:
        - { ${sleeping(image)}, volumeMounts: [{ name: data, mountPath: /data }], env: [{ name: V, value: "{{ .Values.v }}" }] }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 10Mi } } }
`,
});

describe('the container agent with data, Jobs and bindings', {
  skip: whyNotHere() ?? false,
  concurrency: false,
}, () => {
  let kit: AgentKit;
  before(async () => {
    kit = await startAgentKit();
  });
  after(() => kit.close());
  const removed = (application: string) =>
    until('removal', async () => (kit.status(application)?.removed ? true : undefined));
  const pods = (application: string) =>
    kit.workloads
      .snapshot()
      .filter((object) => object.kind === 'Pod' && object.application === application)
      .map((object) => object.name)
      .sort();

  it('gives Pods of a StatefulSet ordinals, keeps their claims on uninstall, and deletes them by name', async () => {
    const digest = await kit.chart('db', stateful(kit.engine.image));
    kit.install('data', digest, { replicas: 2, command: 'echo $ME > /data/me; exec sleep 1000' });
    await kit.reached('data', 'Ready');
    assert.deepEqual(pods('data'), ['db-0', 'db-1']);
    kit.install('data', digest, { replicas: 2, v: '2', command: 'cat /data/me; exec sleep 1000' });
    await kit.reached('data', 'Ready');
    const log = await kit.workloads.logs({
      environment: 'acme-dev',
      application: 'data',
      pod: 'db-1',
      container: 'c',
      previous: false,
      tailLines: 10,
      follow: false,
      signal: new AbortController().signal,
    });
    assert.ok(log);
    const lines: string[] = [];
    for await (const { line } of log) lines.push(line);
    assert.deepEqual(lines, ['db-1']);
    const used = await kit.workloads.volumes('acme-dev', 'data');
    assert.deepEqual(used.map((volume) => [volume.claim, volume.inUse]).sort(), [
      ['data-db-0', true],
      ['data-db-1', true],
    ]);
    assert.deepEqual(await kit.workloads.deleteVolumes('acme-dev', 'data', ['data-db-0']), []);
    kit.uninstall('data', ['data-db-0']);
    await removed('data');
    const kept = await kit.workloads.volumes('acme-dev', 'data');
    assert.deepEqual(
      kept.map((volume) => [volume.claim, volume.inUse]),
      [['data-db-1', false]],
    );
    assert.deepEqual(await kit.workloads.deleteVolumes('acme-dev', 'data', ['data-db-1']), ['data-db-1']);
  });

  it('says Ready of what was declared, also where another commit came in the middle of a look', async () => {
    const digest = await kit.chart('moved', claimed(kit.engine.image));
    kit.install('moved', digest, { v: '1' });
    await kit.reached('moved', 'Ready');
    const before = await kit.containers('moved');
    // A commit that changes nothing is looked at, and finds everything ready; the one that comes meanwhile changes the Pods.
    kit.inNextLook(() => kit.install('moved', digest, { v: '2' }));
    kit.install('moved', digest, { v: '1' });
    await until('the commit in between', async () => (kit.inLook() ? undefined : true));
    await kit.reached('moved', 'Ready');
    const after_ = await kit.containers('moved');
    assert.deepEqual([before.length, after_.length], [1, 1]);
    assert.notEqual(after_[0]?.id, before[0]?.id);
    kit.uninstall('moved', ['data']);
    await removed('moved');
  });

  it('deletes no volume of Pods that still stop, however long they take', async () => {
    const digest = await kit.chart('stubborn', {
      'set.yaml': stateful(kit.engine.image)['set.yaml'].replace(
        'terminationGracePeriodSeconds: 0',
        'terminationGracePeriodSeconds: 5',
      ),
    });
    kit.install('stubborn', digest, { command: 'trap "" TERM; while true; do sleep 1; done' });
    await kit.reached('stubborn', 'Ready');
    kit.uninstall('stubborn');
    await kit.reached('stubborn', 'Removing');
    const held = await kit.workloads.volumes('acme-dev', 'stubborn');
    assert.deepEqual(
      held.map((volume) => [volume.claim, volume.inUse]),
      [['data-db-0', true]],
    );
    assert.deepEqual(await kit.workloads.deleteVolumes('acme-dev', 'stubborn', ['data-db-0']), []);
    assert.equal((await kit.containers('stubborn')).length, 1);
    await removed('stubborn');
    assert.deepEqual(await kit.workloads.deleteVolumes('acme-dev', 'stubborn', ['data-db-0']), ['data-db-0']);
  });

  it('replaces a Deployment with an exclusive claim in place: never two Pods at once', async () => {
    const digest = await kit.chart('single', claimed(kit.engine.image));
    kit.install('single', digest, { v: '1' });
    await kit.reached('single', 'Ready');
    let most = 0;
    let going = true;
    const counting = (async () => {
      while (going)
        most = Math.max(
          most,
          (await kit.containers('single')).filter((one) => one.state === 'running').length,
        );
    })();
    kit.install('single', digest, { v: '2' });
    await kit.reached('single', 'Ready');
    going = false;
    await counting;
    assert.equal(most, 1);
    kit.uninstall('single');
    await removed('single');
  });

  it('runs a Job once, also across a restart, and again when its template changes', async () => {
    const digest = await kit.chart('job', {
      'job.yaml': `apiVersion: batch/v1
kind: Job
metadata: { name: once }
spec:
  backoffLimit: 2
  template:
    spec: { restartPolicy: Never, containers: [{ ${sleeping(kit.engine.image)} }] }
`,
    });
    kit.install('job', digest, { command: 'echo done' });
    await kit.reached('job', 'Ready');
    // Podman calls the same container first "stopped", then "exited".
    const names = async () => (await kit.containers('job')).map(({ id, name }) => `${id} ${name}`);
    const ran = await names();
    assert.equal(ran.length, 1);
    await kit.restart();
    await kit.reached('job', 'Ready');
    assert.deepEqual(await names(), ran);
    kit.install('job', digest, { command: 'exit 1' });
    const failed = await kit.reached('job', 'JobFailed');
    assert.match(failed.ready.message, /Job once failed: it failed 3 times/);
    kit.uninstall('job');
    await removed('job');
  });

  it('makes dependents wait for their provider and its binding Job, which gets both secrets', async () => {
    const provider = await kit.chart('db', stateful(kit.engine.image), {
      'job.yaml': `apiVersion: batch/v1
kind: Job
metadata: { name: bind }
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: bind
          image: "${kit.engine.image}"
          command: [sh, -c, 'test "$PASSWORD" = geheim && test "$SERVICE" = db']
          env:
            - { name: SERVICE, value: {{ .Values.binding.service }} }
            - { name: PASSWORD, valueFrom: { secretKeyRef: { name: {{ .Values.binding.secretName }}, key: password } } }
`,
    });
    const dependent = await kit.chart('app', {
      'pod.yaml': `apiVersion: v1
kind: Pod
metadata: { name: app }
spec: { terminationGracePeriodSeconds: 0, containers: [{ ${sleeping(kit.engine.image)} }] }
`,
    });
    const bindings = [{ alias: 'db', application: 'maria' }];
    kit.install('blog', dependent, {}, { bindings });
    const waiting = await kit.reached('blog', 'DependencyNotReady');
    assert.deepEqual(waiting.waitingFor, ['maria']);
    kit.install('maria', provider);
    await kit.reached('blog', 'WaitingForBinding');
    assert.deepEqual(await kit.containers('blog'), []);
    kit.secrets.set('acme-dev/blog/bindings/db', { password: 'geheim' });
    await kit.reached('blog', 'Ready', 30_000);
    assert.equal(kit.status('maria')?.ready.reason, 'Ready');
    const before = kit.statuses.length;
    kit.install('blog', dependent, {}, { bindings, restartedAt: '2026-01-01T00:00:00Z' });
    await kit.reached('blog', 'Ready');
    assert.equal(
      kit.statuses.slice(before).some((status) => status.ready.reason === 'WaitingForBinding'),
      false,
    );
    await until('no Job left', async () => ((await kit.containers('maria')).length === 1 ? true : undefined));
  });
});
