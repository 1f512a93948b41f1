import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createEngineService } from './engine-service.ts';
import { whyUnusable } from './find-engine.ts';
import {
  inPod,
  onHost,
  podSpec,
  quiet,
  type RuntimeKit,
  runPod,
  shell,
  startRuntimeKit,
  until,
  whyNotHere,
} from './testing/kit.ts';

describe('Recovery of the runtime', { skip: whyNotHere() ?? false }, () => {
  let kit: RuntimeKit;
  before(async () => {
    kit = await startRuntimeKit();
  });
  after(() => kit.close());

  const serve = 'mkdir -p /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www';
  const enginePid = async () => Number(await readFile(join(kit.runDirectory, 'podman.pid'), 'utf8'));

  it('finds the same Pods in a new runtime, as after a crash', async () => {
    const spec = podSpec('web', [shell(kit, serve)]);
    await runPod(kit.runtime, spec);
    const before = await kit.runtime.pods();
    const again = kit.another();
    await again.start();
    assert.deepEqual(await again.pods(), before);
    assert.equal((await again.createPod(spec)).address, before[0]?.address);
    await again.startContainer(spec, 'main');
    assert.equal(
      (await again.pod('acme-dev', 'web'))?.containers[0]?.restarts,
      0,
      'what runs is not started again',
    );
    await again.stop();
  });

  it('completes a Pod that a crash left between its sandbox and its names', async () => {
    const spec = podSpec('half', [shell(kit, 'exec sleep 600')]);
    const { address } = await kit.runtime.createPod(spec);
    await rm(join(kit.dataDirectory, 'engine/hosts/acme-dev/shop/half'));
    const again = kit.another();
    await again.start();
    await again.startContainer(spec, 'main');
    assert.match(
      (await inPod(again, 'half', 'cat /etc/hosts')).output,
      new RegExp(`^${address}\\thalf$`, 'm'),
    );
    await again.removePod('acme-dev', 'half', 0);
    await assert.rejects(again.startContainer(spec, 'main'), { code: 'NotFound' });
    assert.equal(await again.pod('acme-dev', 'half'), undefined, 'what was removed stays removed');
    await again.stop();
  });

  it('says so while the engine is gone, leaves Applications running, and recovers by itself', async () => {
    const [pod] = await kit.runtime.pods();
    const service = await kit.runtime.serviceAddress('acme-dev', 'shop', 'web');
    await kit.runtime.setServices('acme-dev', [
      {
        environment: 'acme-dev',
        application: 'shop',
        service: 'web',
        address: service,
        headless: false,
        hostNames: [],
        ports: [{ port: 80, protocol: 'tcp', endpoints: [{ address: pod?.address ?? '', port: 8080 }] }],
      },
    ]);
    await until('the watch', async () => (kit.runtime.availability().available ? true : undefined));
    const seen: boolean[] = [];
    kit.runtime.onAvailability((available) => seen.push(available));
    const pid = await enginePid();
    process.kill(pid, 'SIGKILL');
    await assert.rejects(kit.runtime.pods(), { code: 'Unavailable' });
    assert.equal((await onHost('curl', ['-s', '-m', '2', `http://${service}/`])).output, 'web\n');
    await until('the next service', async () => ((await enginePid()) === pid ? undefined : true));
    await until('the recovery', async () => (seen.at(-1) === true ? true : undefined));
    assert.deepEqual(seen, [false, true]);
    assert.deepEqual(
      (await kit.runtime.pods()).map((one) => one.containers[0]?.startedAt),
      [pod?.containers[0]?.startedAt],
    );
    assert.equal((await inPod(kit.runtime, 'web', 'hostname')).output, 'web\n');
  });

  it('adopts the service of a Catalyst that crashed', async () => {
    const pid = await enginePid();
    const { dataDirectory, runDirectory } = kit;
    const second = createEngineService({ dataDirectory, runDirectory, logger: quiet, sockets: [] });
    await second.start();
    assert.equal(await enginePid(), pid);
    assert.equal(second.socketPath(), kit.service.socketPath());
    // The first one is still there in this test, and starts the service again that the second one ends.
    await second.stop();
    await until('the next service', async () => {
      const next = await enginePid().catch(() => pid);
      return next !== pid && kit.runtime.availability().available ? true : undefined;
    });
    await until('its answer', async () => kit.runtime.pods().catch(() => undefined));
  });

  it('reports a change that happens behind its back', async () => {
    const changed: string[] = [];
    kit.runtime.onChange((identity) => changed.push(identity.pod));
    const [one] = await kit.engine
      .docker()
      .listContainers({ filters: JSON.stringify({ name: ['_web_main'] }) });
    assert.ok(one);
    await kit.engine.docker().getContainer(one.Id).kill();
    await until('the report', async () => (changed.includes('web') ? true : undefined));
    const ended = await until('the state', async () => {
      const [container] = (await kit.runtime.pod('acme-dev', 'web'))?.containers ?? [];
      return container?.state === 'terminated' ? container : undefined;
    });
    assert.equal(ended.exitCode, 137);
    assert.equal(ended.reason, 'Error', 'killed, but not for want of memory');
  });

  it('makes the sandbox run again where it stands still, as after a reboot', async () => {
    const sandbox = kit.engine.docker().getContainer(`catalyst-${kit.sovereignId}-acme-dev_web`);
    await sandbox.kill();
    await until('the end of the sandbox', async () =>
      (await kit.runtime.pod('acme-dev', 'web'))?.address === undefined ? true : undefined,
    );
    const spec = podSpec('web', [shell(kit, serve)]);
    const status = await runPod(kit.runtime, spec);
    await until('the web server', async () =>
      (await onHost('curl', ['-s', '-m', '1', `http://${status.address}:8080/`])).output === 'web\n'
        ? true
        : undefined,
    );
  });

  it('tells what to do where no engine is', async () => {
    assert.notEqual(await whyUnusable(join(kit.runDirectory, 'no.sock')), undefined);
    assert.equal(
      await whyUnusable(kit.service.socketPath()),
      undefined,
      'our own passes the test of a found one',
    );
    const alone = kit.another({
      socketPath: join(kit.runDirectory, 'no.sock'),
      sovereignId: `${kit.sovereignId}x`,
    });
    let told = '';
    alone.onAvailability((available, message) => {
      if (!available) told = message;
    });
    await alone.start();
    await assert.rejects(alone.pods(), { code: 'Unavailable' });
    await until('the message', async () =>
      alone.availability().message.includes('podman') ? true : undefined,
    );
    assert.match(told || alone.availability().message, /Install podman or start Docker/);
    await onHost('nft', ['delete', 'table', 'ip', `catalyst_${kit.sovereignId}x`]);
    await onHost('nft', ['delete', 'table', 'inet', `catalyst_${kit.sovereignId}x_filter`]);
    await alone.stop();
  });
});
