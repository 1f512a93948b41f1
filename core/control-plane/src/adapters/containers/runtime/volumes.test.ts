import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, statfs, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ContainerSpec, PodVolume } from './pod-runtime.ts';
import {
  inPod,
  podSpec,
  type RuntimeKit,
  runPod,
  shell,
  startRuntimeKit,
  whyNotHere,
} from './testing/kit.ts';
import { createVolumes } from './volumes.ts';

describe('Volumes of Pods on a real engine', { skip: whyNotHere() ?? false }, () => {
  let kit: RuntimeKit;
  before(async () => {
    kit = await startRuntimeKit();
  });
  after(() => kit.close());

  const sleeper = (mounts: ContainerSpec['mounts']) => shell(kit, 'exec sleep 600', { mounts });

  it('keeps Secrets in memory only, with their modes, and forgets them with the Pod', async () => {
    const volumes: PodVolume[] = [
      {
        name: 'secret',
        kind: 'files',
        secret: true,
        files: { password: { content: 's3cret!', mode: 0o400 } },
      },
      {
        name: 'config',
        kind: 'files',
        secret: false,
        files: { 'conf.d/a.ini': { content: 'a=1' }, b: { content: 'b' } },
      },
    ];
    const mounts = [
      { volume: 'secret', path: '/secret', readOnly: false },
      { volume: 'config', path: '/config', readOnly: true },
      { volume: 'config', path: '/etc/one.ini', subPath: 'conf.d/a.ini', readOnly: true },
    ];
    await runPod(kit.runtime, podSpec('files', [sleeper(mounts)], { volumes }));
    const script =
      'cat /secret/password /config/conf.d/a.ini /etc/one.ini; stat -c %a /secret/password; grep " /secret " /proc/mounts | cut -d" " -f3; touch /secret/x 2>&1';
    const { output } = await inPod(kit.runtime, 'files', script);
    assert.match(output, /^s3cret!a=1a=1400\ntmpfs\n.*Read-only/s);
    const folder = join(kit.runDirectory, 'secrets');
    assert.equal((await statfs(folder)).type, 0x01021994);
    // Neither arguments nor logs nor any file on disk hold it.
    const found = await grep(kit.dataDirectory, 's3cret!');
    assert.deepEqual(found, []);
    await kit.runtime.removePod('acme-dev', 'files', 0);
    assert.deepEqual(await readdir(join(folder, 'acme-dev')), []);
  });

  it('makes the files again after they were lost (a reboot) when a container starts again', async () => {
    const volumes: PodVolume[] = [{ name: 's', kind: 'files', secret: true, files: { k: { content: 'v' } } }];
    const spec = podSpec(
      'again',
      [shell(kit, 'cat /s/k; exit 1', { mounts: [{ volume: 's', path: '/s', readOnly: true }] })],
      { volumes },
    );
    await runPod(kit.runtime, spec);
    await rm(join(kit.runDirectory, 'secrets', 'acme-dev'), { recursive: true });
    await waitEnd('again');
    await kit.runtime.startContainer(spec, 'main');
    const lines = await kit.runtime.logs({
      environment: 'acme-dev',
      application: 'shop',
      pod: 'again',
      container: 'main',
      previous: false,
      tailLines: 5,
      follow: true,
      signal: AbortSignal.timeout(5_000),
    });
    const seen: string[] = [];
    for await (const line of lines ?? []) seen.push(line.line);
    assert.deepEqual(seen, ['v']);
    await kit.runtime.removePod('acme-dev', 'again', 0);
  });

  async function waitEnd(pod: string): Promise<void> {
    for (let step = 0; step < 100; step++) {
      const status = await kit.runtime.pod('acme-dev', pod);
      if (status?.containers[0]?.state === 'terminated') return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail('the container did not end');
  }

  it('keeps a claim over Pods, lists it with its size, and deletes it by name', async () => {
    await kit.runtime.ensureVolume('acme-dev', 'shop', 'data', 1024 * 1024);
    await kit.runtime.ensureVolume('acme-dev', 'shop', 'data', 2048 * 1024);
    const volumes: PodVolume[] = [{ name: 'd', kind: 'claim', claim: 'data' }];
    const mounts = [{ volume: 'd', path: '/data', readOnly: false }];
    await runPod(kit.runtime, podSpec('one', [sleeper(mounts)], { volumes, fsGroup: 4000 }));
    await inPod(kit.runtime, 'one', 'head -c 100000 /dev/zero > /data/blob');
    await kit.runtime.removePod('acme-dev', 'one', 0);
    await runPod(
      kit.runtime,
      podSpec('two', [{ ...sleeper(mounts), runAsUser: 1234, runAsGroup: 1234 }], { volumes, fsGroup: 4000 }),
    );
    const { output } = await inPod(
      kit.runtime,
      'two',
      'wc -c < /data/blob; id; touch /data/mine && stat -c %g /data/mine',
    );
    assert.match(output, /^100000\nuid=1234.* gid=1234.* groups=.*4000.*\n4000\n$/);
    await kit.runtime.removePod('acme-dev', 'two', 0);
    const [volume, ...others] = await kit.runtime.volumes('acme-dev', 'shop');
    assert.deepEqual(others, []);
    assert.equal(volume?.claim, 'data');
    assert.equal(volume?.requestedBytes, 2048 * 1024);
    assert.ok(volume && volume.sizeBytes > 90_000);
    assert.equal(await kit.runtime.deleteVolume('acme-dev', 'shop', 'data'), true);
    assert.equal(await kit.runtime.deleteVolume('acme-dev', 'shop', 'data'), false);
    assert.deepEqual(await kit.runtime.volumes(), []);
  });

  it('deletes no volume that a container has mounted, whole or in part, and finishes what a crash began', async () => {
    await kit.runtime.ensureVolume('acme-dev', 'shop', 'held', 1);
    const folder = join(kit.dataDirectory, 'volumes', 'acme-dev', 'shop');
    for (const subPath of [undefined, 'part']) {
      const mounts = [{ volume: 'd', path: '/data', readOnly: false, ...(subPath ? { subPath } : {}) }];
      const volumes: PodVolume[] = [{ name: 'd', kind: 'claim', claim: 'held' }];
      await runPod(kit.runtime, podSpec('holder', [sleeper(mounts)], { volumes }));
      await inPod(kit.runtime, 'holder', 'echo mine > /data/file');
      assert.equal(await kit.runtime.deleteVolume('acme-dev', 'shop', 'held'), false);
      assert.equal((await inPod(kit.runtime, 'holder', 'cat /data/file')).output, 'mine\n');
      await kit.runtime.removePod('acme-dev', 'holder', 0);
    }
    assert.equal(await kit.runtime.deleteVolume('acme-dev', 'shop', 'held'), true);
    assert.deepEqual(await readdir(folder), []);
    await mkdir(join(folder, '.deleted-x', 'left'), { recursive: true });
    const { dataDirectory, runDirectory } = kit;
    await createVolumes({ dataDirectory, runDirectory }).start();
    assert.deepEqual(await readdir(folder), []);
  });

  it('refuses a subPath that leads out of the volume, also by a link that the Application made', async () => {
    await kit.runtime.ensureVolume('acme-dev', 'shop', 'tricky', 1);
    const claim = join(kit.dataDirectory, 'volumes', 'acme-dev', 'shop', 'tricky');
    await mkdir(join(claim, 'good'));
    await symlink('/etc', join(claim, 'out'));
    await symlink('/', join(claim, 'good', 'root'));
    await symlink('/etc/passwd', join(claim, 'file'));
    const volumes: PodVolume[] = [{ name: 'd', kind: 'claim', claim: 'tricky' }];
    for (const subPath of ['../x', '/etc', 'out', 'out/ssl', 'good/root/etc', 'file', 'good/../../x']) {
      const spec = podSpec('escape', [sleeper([{ volume: 'd', path: '/d', subPath, readOnly: false }])], {
        volumes,
      });
      await kit.runtime.createPod(spec);
      await assert.rejects(kit.runtime.startContainer(spec, 'main'), { code: 'Invalid' }, subPath);
    }
    const spec = podSpec(
      'escape',
      [sleeper([{ volume: 'd', path: '/d', subPath: 'good/deep', readOnly: false }])],
      { volumes },
    );
    await runPod(kit.runtime, spec);
    await inPod(kit.runtime, 'escape', 'echo here > /d/f');
    assert.equal(await readFile(join(claim, 'good', 'deep', 'f'), 'utf8'), 'here\n');
    await kit.runtime.removePod('acme-dev', 'escape', 0);
    assert.equal(
      await readFile(join(claim, 'good', 'deep', 'f'), 'utf8'),
      'here\n',
      'removal never follows a mount',
    );
    await kit.runtime.deleteVolume('acme-dev', 'shop', 'tricky');
  });

  it('gives scratch space in memory with its limit, shared in the Pod and gone with it', async () => {
    const volumes: PodVolume[] = [{ name: 'm', kind: 'empty', memory: true, sizeLimitBytes: 1024 * 1024 }];
    const mounts = [{ volume: 'm', path: '/m', readOnly: false }];
    await runPod(
      kit.runtime,
      podSpec('scratch', [sleeper(mounts), { ...sleeper(mounts), name: 'other' }], { volumes }),
    );
    assert.notEqual((await inPod(kit.runtime, 'scratch', 'head -c 3000000 /dev/zero > /m/a')).exitCode, 0);
    const { output } = await inPod(kit.runtime, 'scratch', 'wc -c < /m/a', { container: 'other' });
    assert.equal(Number(output), 1024 * 1024);
    await kit.runtime.removePod('acme-dev', 'scratch', 0);
    assert.ok(!(await readFile('/proc/mounts', 'utf8')).includes(`${kit.runDirectory}/memory`));
  });

  it('refuses to mount over what belongs to the engine', async () => {
    const volumes: PodVolume[] = [{ name: 'm', kind: 'empty', memory: false }];
    for (const path of [
      '/',
      'relative',
      '/a/../b',
      '/proc',
      '/proc/sys',
      '/etc/hosts',
      '/a,readonly=false',
      '/a:b',
    ]) {
      const spec = podSpec('places', [sleeper([{ volume: 'm', path, readOnly: false }])], { volumes });
      await kit.runtime.createPod(spec);
      await assert.rejects(kit.runtime.startContainer(spec, 'main'), { code: 'Invalid' }, path);
    }
    await kit.runtime.removePod('acme-dev', 'places', 0);
  });
});

async function grep(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(path, 'utf8')).includes(text)) found.push(path);
  }
  return found;
}
