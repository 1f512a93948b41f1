import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderContainersConf } from './containers-conf.ts';
import type { EnvironmentState } from './environment-state.ts';
import { renderEnvironment, renderPod } from './filter-rules.ts';
import { hostLimits } from './host-limits.ts';
import { renderNames } from './hosts-files.ts';
import { createLineJoiner } from './k8s-log-file.ts';
import { freeSubnets, rangeOf } from './networks.ts';
import { pauseProgram } from './pause-image.ts';
import type { ServiceRule } from './pod-runtime.ts';
import { poolRouteChange } from './pool-route.ts';
import { chooseAddress } from './service-addresses.ts';
import { parseEvent } from './watch.ts';

const rule: ServiceRule = {
  environment: 'acme-dev',
  application: 'shop',
  service: 'web',
  address: '10.96.0.5',
  ports: [{ port: 80, protocol: 'tcp', endpoints: [{ address: '10.90.1.2', port: 8080 }] }],
  headless: false,
  hostNames: [],
};
const state: EnvironmentState = {
  environment: 'acme-dev',
  subnet: '10.90.1.0/24',
  bridge: 'cat-0123456789',
  rules: [rule],
  selfHosts: {},
  addresses: {},
};

describe('Rules of the packet filter', () => {
  it('refuse what is no address, port or subnet before nft sees it', () => {
    const wrong: Partial<EnvironmentState>[] = [
      { rules: [{ ...rule, address: '10.96.0.5; flush ruleset' }] },
      { rules: [{ ...rule, address: '::1' }] },
      {
        rules: [
          { ...rule, ports: [{ port: 0, protocol: 'tcp', endpoints: [{ address: '10.90.1.2', port: 1 }] }] },
        ],
      },
      {
        rules: [{ ...rule, ports: [{ port: 80, protocol: 'tcp', endpoints: [{ address: 'x', port: 1 }] }] }],
      },
      { subnet: '0.0.0.0/0' },
      { bridge: 'eth0" }' },
    ];
    for (const change of wrong)
      assert.throws(
        () => renderEnvironment('s', 7, { ...state, ...change }),
        { code: 'Invalid' },
        JSON.stringify(change),
      );
    assert.throws(() => renderPod(7, { address: '1.2.3', port: 1 }), { code: 'Invalid' });
  });

  it('take away only addresses that are gone, and touch the network only when it is new', () => {
    const before = { ...state, rules: [rule, { ...rule, service: 'old', address: '10.96.0.9' }] };
    const text = renderEnvironment('s', 7, state, before);
    assert.match(text, /delete element ip catalyst_s services \{ 10\.96\.0\.9 \}/);
    assert.doesNotMatch(text, /delete element .*10\.96\.0\.5/);
    assert.doesNotMatch(text, /bridges/);
    assert.match(renderEnvironment('s', 7, state), /bridges \{ "cat-0123456789" \}/);
  });

  it('answer on the port of the Sovereign only for an Application that reaches itself', () => {
    const self = { shop: [{ host: 'shop.acme-dev.localhost', address: '10.96.0.5', port: 80 }] };
    assert.match(
      renderEnvironment('s', 7777, { ...state, selfHosts: self }),
      /tcp dport 7777 dnat to 10\.90\.1\.2:8080/,
    );
    assert.doesNotMatch(renderEnvironment('s', 7777, state), /7777/);
    const taken = {
      ...rule,
      ports: [...rule.ports, { port: 7777, protocol: 'tcp' as const, endpoints: [] }],
    };
    assert.doesNotMatch(
      renderEnvironment('s', 7777, { ...state, rules: [taken], selfHosts: self }),
      /dport 7777/,
    );
  });
});

describe('Addresses', () => {
  it('of Services are the same again, and never shared', () => {
    const names = ['s', 'acme-dev', 'shop', 'web'] as const;
    const first = chooseAddress(names, new Set());
    assert.match(first, /^10\.(9[6-9]|10\d|11[01])\./);
    assert.equal(chooseAddress(names, new Set()), first);
    assert.notEqual(chooseAddress(names, new Set([first])), first);
  });

  it('of networks avoid what the host and the engine use', () => {
    const [first = ''] = freeSubnets('seed', [], 1);
    assert.match(first, /^10\.(8[89]|9[0-5])\.\d+\.0\/24$/);
    const range = rangeOf(first);
    assert.ok(range);
    assert.notEqual(freeSubnets('seed', [range], 1)[0], first);
    const all = rangeOf('10.88.0.0/14');
    assert.ok(all);
    assert.ok(freeSubnets('seed', [all], 2_048).every((subnet) => /^10\.9[2-5]\./.test(subnet)));
    const vpn = rangeOf('10.0.0.0/8');
    assert.ok(vpn);
    assert.equal(freeSubnets('seed', [vpn], 1)[0], first, 'a wider route does not hinder');
    assert.equal(rangeOf('default'), undefined);
  });
});

describe('Small parts', () => {
  it('a host without a way to Service addresses gets one, for as long as it has no other', () => {
    const local = '192.0.2.0/24 dev eth0 proto kernel\n';
    assert.equal(poolRouteChange(local), 'replace');
    assert.equal(poolRouteChange(`${local}10.96.0.0/12 dev lo scope link\n`), undefined);
    assert.equal(poolRouteChange(`default via 192.0.2.1 dev eth0\n${local}`), undefined);
    assert.equal(poolRouteChange(`default via 192.0.2.1 dev eth0\n10.96.0.0/12 dev lo scope link\n`), 'del');
    assert.equal(poolRouteChange('10.0.0.0/8 via 192.0.2.9 dev tun0\n'), undefined);
  });

  it('names: own Services shortly, others with their Application', () => {
    const other = { ...rule, application: 'db', service: 'mariadb', address: '10.96.0.6' };
    const text = renderNames('shop', { ...state, rules: [rule, other] });
    assert.equal(
      text,
      '10.96.0.5\tweb web.shop web.shop.svc web.shop.svc.cluster.local\n10.96.0.6\tmariadb.db mariadb.db.svc mariadb.db.svc.cluster.local\n',
    );
    assert.throws(() => renderNames('shop', { ...state, rules: [{ ...rule, service: 'a\n1.2.3.4 evil' }] }), {
      code: 'Invalid',
    });
  });

  it('limits never exceed what this process may hand on', () => {
    const text =
      'Limit  Soft Limit Hard Limit Units\nMax processes             100                  200      processes\nMax open files            1024                 unlimited files\n';
    assert.deepEqual([hostLimits(text).processes, hostLimits(text).openFiles], [200, 65_536]);
  });

  it('containers.conf fits the host', () => {
    const facts = {
      unifiedCgroups: false,
      systemd: false,
      runc: true,
      netavark: true,
      openFiles: 5,
      processes: 6,
    };
    assert.match(renderContainersConf(facts), /default_ulimits=\["nofile=5:5","nproc=6:6"\]/);
    assert.match(
      renderContainersConf(facts),
      /runtime="runc"\ncgroup_manager="cgroupfs"\n\[network\]\nnetwork_backend="netavark"/,
    );
    const modern = renderContainersConf({ ...facts, unifiedCgroups: true, systemd: true, netavark: false });
    assert.doesNotMatch(modern, /runtime|cgroup_manager|network/);
  });

  it('the program of a sandbox is an executable for both processors', () => {
    for (const arch of ['x64', 'arm64']) assert.equal(pauseProgram(arch).subarray(1, 4).toString(), 'ELF');
    assert.throws(() => pauseProgram('mips'), { code: 'Unavailable' });
  });

  it('log lines are joined from their pieces, per stream, and never grow without end', () => {
    const joiner = createLineJoiner();
    assert.deepEqual(
      joiner.push('t1 stdout P a\nt2 stderr F x\nt3 stdout F b\nnonsense\nt4 stdout F\nt5 std'),
      [
        { at: 't2', stream: 'stderr', line: 'x' },
        { at: 't1', stream: 'stdout', line: 'ab' },
        { at: 't4', stream: 'stdout', line: '' },
      ],
    );
    assert.deepEqual(joiner.push('out P open\n'), []);
    assert.deepEqual(joiner.rest(), [{ at: 't5', stream: 'stdout', line: 'open' }]);
    const long = createLineJoiner();
    for (let piece = 0; piece < 10; piece++) long.push(`t stdout P ${'y'.repeat(8_000)}\n`);
    assert.equal(long.rest()[0]?.line.length, 16 * 1024);
  });

  it('events of strangers are passed over', () => {
    for (const line of ['', '{', 'null', '[]', '{"Action":"die"}', '{"Action":1,"Actor":{"Attributes":{}}}'])
      assert.equal(parseEvent(line), undefined, line);
  });
});
