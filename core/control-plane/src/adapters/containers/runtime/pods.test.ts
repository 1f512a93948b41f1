import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PodIdentity } from './pod-runtime.ts';
import {
  inPod,
  podSpec,
  type RuntimeKit,
  runPod,
  shell,
  startRuntimeKit,
  until,
  whyNotHere,
} from './testing/kit.ts';

describe('Pods on a real engine', { skip: whyNotHere() ?? false }, () => {
  let kit: RuntimeKit;
  const changes: PodIdentity[] = [];
  before(async () => {
    kit = await startRuntimeKit();
    kit.runtime.onChange((identity) => changes.push(identity));
  });
  after(() => kit.close());

  const container = async (pod: string, name = 'main') =>
    (await kit.runtime.pod('acme-dev', pod))?.containers.find((one) => one.name === name);
  const ended = (pod: string, name = 'main') =>
    until(`the end of ${pod}/${name}`, async () => {
      const found = await container(pod, name);
      return found?.state === 'terminated' ? found : undefined;
    });

  it('runs an init container to its end, then containers that share localhost and an empty volume', async () => {
    const mount = { volume: 'work', path: '/work', readOnly: false };
    const spec = podSpec(
      'duo',
      [
        shell(kit, 'exec httpd -f -p 8080 -h /work', { name: 'web', mounts: [mount] }),
        shell(kit, 'exec sleep 600', { name: 'side' }),
      ],
      {
        initContainers: [
          shell(kit, 'echo prepared > /work/index.html', { name: 'prepare', mounts: [mount] }),
        ],
        volumes: [{ name: 'work', kind: 'empty', memory: false }],
      },
    );
    await kit.runtime.createPod(spec);
    await kit.runtime.startContainer(spec, 'prepare');
    const init = await ended('duo', 'prepare');
    assert.deepEqual([init.init, init.exitCode, init.reason], [true, 0, 'Completed']);
    await Promise.all([kit.runtime.startContainer(spec, 'web'), kit.runtime.startContainer(spec, 'side')]);
    const answer = await until('the web server', async () => {
      const got = await inPod(kit.runtime, 'duo', 'wget -qO- http://localhost:8080/; hostname', {
        container: 'side',
      });
      return got.exitCode === 0 && got.output.startsWith('prepared') ? got.output : undefined;
    });
    assert.equal(answer, 'prepared\nduo\n');
    assert.ok(changes.some((identity) => identity.pod === 'duo' && identity.owner.name === 'web'));
    await kit.runtime.removePod('acme-dev', 'duo', 1);
    assert.equal(await kit.runtime.pod('acme-dev', 'duo'), undefined);
  });

  it('keeps the address, the exit code and the log of the crashed predecessor over a restart', async () => {
    const spec = podSpec('crash', [
      shell(kit, 'echo "try $ROUND"; sleep 0.2; exit 7', { env: { ROUND: 'a' } }),
    ]);
    const first = await runPod(kit.runtime, spec);
    assert.equal((await ended('crash')).exitCode, 7);
    await kit.runtime.startContainer(spec, 'main');
    const second = await until('the restart', async () => {
      const found = await kit.runtime.pod('acme-dev', 'crash');
      const [one] = found?.containers ?? [];
      return one?.restarts === 1 && one.state === 'terminated' ? found : undefined;
    });
    assert.equal(second.address, first.address);
    assert.deepEqual(second.containers[0]?.last?.exitCode, 7);
    assert.equal(second.containers[0]?.last?.reason, 'Error');
    const previous = await read('crash', { previous: true });
    assert.deepEqual(
      previous.map((line) => [line.stream, line.line]),
      [['stdout', 'try a']],
    );
    await kit.runtime.startContainer(spec, 'main');
    await ended('crash');
    const all = await kit.engine.docker().listContainers({ all: true });
    const kept = all.filter((one) => one.Names.some((name) => name.includes('_crash_')));
    assert.equal(kept.length, 2, 'only the present and the previous attempt are kept');
    await kit.runtime.removePod('acme-dev', 'crash', 0);
  });

  async function read(
    pod: string,
    more: { previous?: boolean; follow?: boolean; signal?: AbortSignal } = {},
  ) {
    const lines = await kit.runtime.logs({
      environment: 'acme-dev',
      application: 'shop',
      pod,
      container: 'main',
      previous: false,
      tailLines: 100,
      follow: false,
      signal: new AbortController().signal,
      ...more,
    });
    const all = [];
    for await (const line of lines ?? []) all.push(line);
    return all;
  }

  it('says OOMKilled of a container that takes more memory than it may', async () => {
    const hog = 'x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; while true; do x=$x$x; done';
    const spec = podSpec('hog', [shell(kit, hog, { limits: { memoryBytes: 24 * 1024 * 1024 } })]);
    await runPod(kit.runtime, spec);
    const end = await ended('hog');
    assert.deepEqual([end.reason, end.exitCode], ['OOMKilled', 137]);
    await kit.runtime.removePod('acme-dev', 'hog', 0);
  });

  it('gives no more rights than it says: capabilities, processes, files, devices, privileges', async () => {
    await runPod(kit.runtime, podSpec('bare', [shell(kit, 'exec sleep 600')]));
    const { output } = await inPod(
      kit.runtime,
      'bare',
      'grep -E "CapBnd|NoNewPrivs|Seccomp:" /proc/1/status; mknod /x c 1 1 2>&1; mount -t tmpfs x /tmp 2>&1; ls /dev/kmem /dev/vda 2>&1 | grep -c -v "No such"; ulimit -n; cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null',
    );
    // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, FSETID 4, KILL 5, SETGID 6, SETUID 7, NET_BIND_SERVICE 10
    assert.match(output, /CapBnd:\s+00000000000004fb\n/);
    assert.match(output, /NoNewPrivs:\s+1\n/);
    assert.match(output, /Seccomp:\s+2\n/);
    assert.match(output, /mknod: \/x: Operation not permitted/);
    assert.match(output, /mount: .*(permitted|denied)/);
    assert.match(output, /2048/);
    await kit.runtime.removePod('acme-dev', 'bare', 0);
  });

  it('follows a log until it is aborted, and reads its tail', async () => {
    await runPod(
      kit.runtime,
      podSpec('talk', [
        shell(kit, 'i=0; while true; do i=$((i+1)); echo line $i; echo oops $i >&2; sleep 0.1; done'),
      ]),
    );
    const stop = new AbortController();
    const followed = await kit.runtime.logs({
      environment: 'acme-dev',
      application: 'shop',
      pod: 'talk',
      container: 'main',
      previous: false,
      tailLines: 1,
      follow: true,
      signal: stop.signal,
    });
    const seen: string[] = [];
    for await (const line of followed ?? []) {
      seen.push(`${line.stream} ${line.line}`);
      assert.match(line.at, /^20\d\d-/);
      if (seen.length === 8) stop.abort();
    }
    assert.ok(seen.length >= 8);
    assert.ok(
      seen.some((line) => /^stderr oops \d+$/.test(line)) &&
        seen.some((line) => /^stdout line \d+$/.test(line)),
    );
    assert.equal(
      await kit.runtime.logs({
        environment: 'acme-dev',
        application: 'other',
        pod: 'talk',
        container: 'main',
        previous: false,
        tailLines: 1,
        follow: false,
        signal: stop.signal,
      }),
      undefined,
      'a Pod of another Application has no log here',
    );
    await kit.runtime.removePod('acme-dev', 'talk', 0);
  });

  it('kills a probe that takes too long', async () => {
    await runPod(kit.runtime, podSpec('slow', [shell(kit, 'exec sleep 600')]));
    const result = await kit.runtime.exec('acme-dev', 'slow', 'main', ['sleep', '400'], 300);
    assert.equal(result.exitCode, 124);
    await until('the end of the probe', async () => {
      const { output } = await inPod(kit.runtime, 'slow', 'ps | grep -c "[s]leep 400"');
      return output.trim() === '0' ? true : undefined;
    });
    await assert.rejects(kit.runtime.exec('acme-dev', 'slow', 'none', ['true'], 300), { code: 'NotFound' });
    await kit.runtime.removePod('acme-dev', 'slow', 0);
  });

  it('answers what is wrong with an image or a command', async () => {
    const missing = await kit.runtime.ensureImage('localhost/never-built:1', 'IfNotPresent');
    assert.deepEqual(missing.ok ? '' : missing.reason, 'ErrImagePull');
    const bad = await kit.runtime.ensureImage('Not An Image', 'IfNotPresent');
    assert.deepEqual(bad.ok ? '' : bad.reason, 'InvalidImageName');
    const good = await kit.runtime.ensureImage(kit.image, 'Always');
    assert.ok(good.ok);
    const spec = podSpec('nocommand', [shell(kit, '', { command: ['/no/such/program'] })]);
    await kit.runtime.createPod(spec);
    await assert.rejects(kit.runtime.startContainer(spec, 'main'), { code: 'StartFailed' });
    assert.equal((await container('nocommand'))?.state, 'waiting');
    await assert.rejects(
      kit.runtime.startContainer(
        { ...spec, containers: [shell(kit, '', { image: 'localhost/never:1' })] },
        'main',
      ),
      { code: 'ErrImagePull' },
    );
    await kit.runtime.removePod('acme-dev', 'nocommand', 0);
  });

  it('refuses names and mounts that would leave their place', async () => {
    const spec = podSpec('p', [shell(kit, 'true')]);
    const refused = { code: 'Invalid' };
    await assert.rejects(
      kit.runtime.createPod({ ...spec, identity: { ...spec.identity, pod: '../x' } }),
      refused,
    );
    await assert.rejects(kit.runtime.ensureVolume('acme-dev', 'shop', '../../etc', 1), refused);
    await assert.rejects(kit.runtime.deleteVolume('..', 'shop', 'x'), refused);
    await assert.rejects(
      kit.runtime.setServices('acme-dev', [
        {
          environment: 'acme-prod',
          application: 'shop',
          service: 'web',
          address: '10.96.0.1',
          ports: [],
          headless: false,
          hostNames: [],
        },
      ]),
      refused,
    );
  });

  it('removes a Pod with grace: SIGTERM first, SIGKILL after', async () => {
    await kit.runtime.ensureVolume('acme-dev', 'shop', 'said', 1024);
    const spec = podSpec(
      'polite',
      [
        shell(
          kit,
          'trap "echo bye > /data/said; exit 0" TERM; echo up > /data/up; while true; do sleep 0.1; done',
          {
            mounts: [{ volume: 'data', path: '/data', readOnly: false }],
          },
        ),
        shell(kit, 'exec sleep 600', { name: 'deaf' }),
      ],
      { volumes: [{ name: 'data', kind: 'claim', claim: 'said' }] },
    );
    await runPod(kit.runtime, spec);
    await until('the start', async () =>
      (await inPod(kit.runtime, 'polite', 'cat /data/up')).exitCode === 0 ? true : undefined,
    );
    const before = Date.now();
    await kit.runtime.removePod('acme-dev', 'polite', 2);
    assert.ok(Date.now() - before < 8_000);
    const reader = podSpec(
      'reader',
      [shell(kit, 'exec sleep 600', { mounts: [{ volume: 'data', path: '/data', readOnly: true }] })],
      {
        volumes: [{ name: 'data', kind: 'claim', claim: 'said' }],
      },
    );
    await runPod(kit.runtime, reader);
    assert.equal((await inPod(kit.runtime, 'reader', 'cat /data/said')).output, 'bye\n');
    assert.notEqual((await inPod(kit.runtime, 'reader', 'touch /data/x')).exitCode, 0, 'read-only');
    await kit.runtime.removePod('acme-dev', 'reader', 0);
  });
});
