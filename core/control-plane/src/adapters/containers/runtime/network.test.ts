import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { tableNames } from './filter-rules.ts';
import { sandboxName } from './identity.ts';
import type { ServiceRule } from './pod-runtime.ts';
import {
  identity,
  inPod,
  onHost,
  podSpec,
  type RuntimeKit,
  runPod,
  shell,
  startRuntimeKit,
  until,
  whyNotHere,
} from './testing/kit.ts';

describe('Networks of Pods on a real engine', { skip: whyNotHere() ?? false }, () => {
  let kit: RuntimeKit;
  let service: string;
  let hostServer: Server;
  let hostPort: number;
  const addresses: Record<string, string> = {};

  before(async () => {
    kit = await startRuntimeKit();
    service = await kit.runtime.serviceAddress('acme-dev', 'shop', 'web');
    hostServer = createServer((_, answer) => answer.end('host'));
    await new Promise<void>((resolve) => hostServer.listen(0, '0.0.0.0', resolve));
    const bound = hostServer.address();
    hostPort = typeof bound === 'object' && bound ? bound.port : 0;
    const selfHosts = [{ host: 'shop.acme-dev.localhost', address: service, port: 80 }];
    for (const pod of ['web-1', 'web-2', 'client']) {
      const spec = podSpec(pod, [shell(kit, serve)], { selfHosts });
      addresses[pod] = (await runPod(kit.runtime, spec)).address;
    }
    const other = { ...podSpec('spy', [shell(kit, serve)]), identity: identity('rival-dev', 'spy', 'spy') };
    addresses['spy'] = (await runPod(kit.runtime, other)).address;
    await until('the web servers', async () => {
      const got = await onHost('curl', ['-s', '-m', '1', `http://${addresses['client']}:8080/`]);
      return got.ok ? true : undefined;
    });
  });
  after(async () => {
    hostServer.close();
    await kit.close();
  });

  const serve = 'mkdir -p /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www';
  const address = (pod: string) => addresses[pod] ?? assert.fail(`no address of ${pod}`);

  function rule(pods: readonly string[], more: Partial<ServiceRule> = {}): ServiceRule {
    const endpoints = pods.map((pod) => ({ address: address(pod), port: 8080 }));
    return {
      environment: 'acme-dev',
      application: 'shop',
      service: 'web',
      address: service,
      ports: [{ port: 80, protocol: 'tcp', endpoints }],
      headless: false,
      hostNames: [],
      ...more,
    };
  }

  async function answers(pod: string, url: string, times = 12): Promise<Set<string>> {
    const script = `for i in $(seq ${times}); do timeout 2 wget -qO- ${url} 2>&1 || echo failed; done`;
    const { output } = await inPod(kit.runtime, pod, script);
    return new Set(output.trim().split('\n'));
  }

  it('spreads connections over ready endpoints, for Pods and for the host, also back to the caller itself', async () => {
    await kit.runtime.setServices('acme-dev', [rule(['web-1', 'web-2'])]);
    assert.deepEqual(await answers('client', `http://${service}/`), new Set(['web-1', 'web-2']));
    assert.deepEqual(await answers('web-1', 'http://web/'), new Set(['web-1', 'web-2']));
    const host = await onHost('curl', ['-s', '-m', '2', `http://${service}/`]);
    assert.match(host.output, /^web-[12]\n$/);
    await kit.runtime.setServices('acme-dev', [rule(['web-2'])]);
    assert.deepEqual(await answers('client', 'http://web.shop.svc.cluster.local/', 6), new Set(['web-2']));
  });

  it('answers with a reset at once when no endpoint is ready', async () => {
    await kit.runtime.setServices('acme-dev', [rule([])]);
    const started = Date.now();
    const { output } = await inPod(kit.runtime, 'client', 'timeout 5 wget -qO- http://web/ 2>&1');
    assert.match(output, /Connection refused/);
    const host = await onHost('curl', ['-sS', '-m', '5', `http://${service}/`]);
    assert.match(host.output, /refused|Couldn't connect/);
    assert.ok(Date.now() - started < 3_000);
    await kit.runtime.setServices('acme-dev', [rule(['web-1'])]);
    assert.deepEqual(await answers('client', 'http://web/', 2), new Set(['web-1']));
  });

  it('keeps open connections when the endpoints change', async () => {
    await kit.runtime.setServices('acme-dev', [rule(['web-1'])]);
    await inPod(
      kit.runtime,
      'web-1',
      'mkdir -p /www/cgi-bin; printf "#!/bin/sh\\necho; echo; sleep 2; echo late\\n" > /www/cgi-bin/slow; chmod +x /www/cgi-bin/slow',
    );
    const open = inPod(kit.runtime, 'client', 'timeout 9 wget -qO- http://web/cgi-bin/slow');
    await new Promise((resolve) => setTimeout(resolve, 700));
    await kit.runtime.setServices('acme-dev', [rule(['web-2'])]);
    assert.match((await open).output, /late/);
  });

  it('forwards UDP', async () => {
    const sandbox = kit.engine.docker().getContainer(sandboxName(kit.sovereignId, 'acme-dev', 'web-1'));
    const { State: state } = await sandbox.inspect();
    const echo =
      "require('dgram').createSocket('udp4').on('message', function (m, r) { this.send(m, r.port, r.address) }).bind(5353)";
    const server = spawn('nsenter', [`--net=/proc/${state.Pid}/ns/net`, process.execPath, '-e', echo]);
    await kit.runtime.setServices('acme-dev', [
      rule(['web-1'], {
        ports: [{ port: 53, protocol: 'udp', endpoints: [{ address: address('web-1'), port: 5353 }] }],
      }),
    ]);
    const answer = await until('the answer', () => ask(service, 53)).finally(() => server.kill());
    assert.equal(answer, 'ping');
  });

  async function ask(to: string, port: number): Promise<string | undefined> {
    const socket = createSocket('udp4');
    const answer = new Promise<string | undefined>((resolve) => {
      socket.on('message', (message) => resolve(message.toString()));
      setTimeout(resolve, 300, undefined);
    });
    socket.send('ping', port, to);
    return answer.finally(() => socket.close());
  }

  it('resolves names of the Application, of the Environment, of headless Services and of single Pods', async () => {
    await kit.runtime.setServices('acme-dev', [
      rule(['web-1']),
      rule(['web-1', 'web-2'], {
        service: 'db',
        headless: true,
        hostNames: [{ name: 'db-0.db', address: address('web-2') }],
      }),
      rule(['web-2'], { application: 'other', service: 'api', address: '10.96.77.7' }),
    ]);
    const { output } = await inPod(
      kit.runtime,
      'client',
      'cat /etc/hosts; hostname -i; nslookup localhost >/dev/null 2>&1; cat /etc/resolv.conf',
    );
    assert.match(output, new RegExp(`${service}\tweb web.shop web.shop.svc web.shop.svc.cluster.local\n`));
    assert.match(output, /10\.96\.77\.7\tapi\.other api\.other\.svc api\.other\.svc\.cluster\.local\n/);
    assert.match(output, new RegExp(`${address('web-1')}\tdb db.shop`));
    assert.match(output, new RegExp(`${address('web-2')}\tdb-0.db db-0.db.shop`));
    assert.match(output, new RegExp(`${address('client')}\tclient\n`));
    assert.equal([...(await answers('client', 'http://db-0.db:8080/', 1))][0], 'web-2');
  });

  it('lets an Application reach itself under its own address on the port of the Sovereign', async () => {
    await kit.runtime.setServices('acme-dev', [rule(['web-1', 'web-2'])]);
    const both = new Set(['web-1', 'web-2']);
    // Programs with libcurl go to 127.0.0.1 for every *.localhost, others to the name in /etc/hosts.
    assert.deepEqual(await answers('client', `http://127.0.0.1:${kit.port}/`), both);
    assert.deepEqual(await answers('web-1', `http://127.0.0.1:${kit.port}/`), both);
    assert.deepEqual(await answers('web-1', `http://shop.acme-dev.localhost:${kit.port}/`), both);
  });

  it('refuses the host, other Environments and metadata addresses', async () => {
    await kit.runtime.setServices('acme-dev', [rule(['web-1'])]);
    await kit.runtime.setServices('rival-dev', []);
    const gateway = address('client').replace(/\.\d+$/, '.1');
    const [hostAddress = '127.0.0.1'] = (await onHost('hostname', ['-I'])).output.trim().split(' ');
    const fromHost = await onHost('curl', ['-s', '-m', '2', `http://${gateway}:${hostPort}/`]);
    assert.equal(fromHost.output, 'host', 'the host itself reaches it: only Pods do not');
    const targets = [
      ['client', `http://${gateway}:${hostPort}/`],
      ['client', `http://${hostAddress}:${hostPort}/`],
      ['client', `http://${address('spy')}:8080/`],
      ['client', 'http://169.254.169.254/'],
      ['client', 'http://100.100.100.200/'],
      ['client', 'http://10.103.1.2/'],
      ['spy', `http://${address('web-1')}:8080/`],
      ['spy', `http://${service}/`],
      ['spy', `http://${gateway}:${hostPort}/`],
    ] as const;
    for (const [pod, url] of targets) {
      const environment = pod === 'spy' ? 'rival-dev' : 'acme-dev';
      const started = Date.now();
      const { exitCode, output } = await inPod(kit.runtime, pod, `timeout 3 wget -qO- ${url} 2>&1`, {
        environment,
      });
      assert.notEqual(exitCode, 0, `${pod} must not reach ${url}: ${output}`);
      assert.match(output, /refused|unreachable|prohibited|No route/, `${pod} → ${url}`);
      assert.ok(Date.now() - started < 2_500, 'refused at once, not by a time-out');
    }
    const six = await inPod(
      kit.runtime,
      'client',
      `ping6 -c 1 -W 1 ff02::1%eth0 2>&1; timeout 2 wget -qO- "http://[fe80::1%eth0]:${hostPort}/" 2>&1`,
    );
    assert.notEqual(six.exitCode, 0, 'no IPv6 around the rules');
    assert.deepEqual(await answers('client', `http://${address('web-2')}:8080/`, 1), new Set(['web-2']));
  });

  it('has the rules of each Environment in place when it says so, however many change at once', async () => {
    const environments = Array.from({ length: 12 }, (_, index) => `crowd${index}-dev`);
    const bad = { ...rule(['web-1']), environment: 'crowd0-dev', address: 'no address' };
    const results = await Promise.all([
      kit.runtime.setServices('crowd0-dev', [bad]).then(String, (error: Error) => error.message),
      ...environments.slice(1).map(async (environment) => {
        const at = await kit.runtime.serviceAddress(environment, 'shop', 'web');
        const [web] = rule(['web-1', 'web-2']).ports;
        const first = { ...rule(['web-1']), environment, address: at };
        await Promise.all([
          kit.runtime.setServices(environment, [first]),
          kit.runtime.setServices(environment, [{ ...first, ports: web ? [web] : [] }]),
        ]);
        const chain = `env_${environment.replace('-', '_')}`;
        return (await onHost('nft', ['list', 'chain', 'ip', tableNames(kit.sovereignId).nat, chain])).output;
      }),
    ]);
    assert.match(results[0] ?? '', /not an IPv4 address/);
    for (const listed of results.slice(1))
      for (const pod of ['web-1', 'web-2']) assert.ok(listed.includes(address(pod)), listed);
    await kit.runtime.setServices('crowd0-dev', []);
  });

  it('restores its tables when something else took them away, and keeps Service addresses', async () => {
    await kit.runtime.setServices('acme-dev', [rule(['web-1'])]);
    const { nat, filter } = tableNames(kit.sovereignId);
    await onHost('nft', ['delete', 'table', 'ip', nat]);
    await onHost('nft', ['delete', 'table', 'inet', filter]);
    const again = kit.another();
    await again.start();
    assert.equal((await onHost('curl', ['-s', '-m', '2', `http://${service}/`])).output, 'web-1\n');
    assert.equal(await again.serviceAddress('acme-dev', 'shop', 'web'), service);
    const second = await again.serviceAddress('acme-dev', 'shop', 'other');
    assert.notEqual(second, service);
    await again.stop();
  });
});
