import assert from 'node:assert/strict';
import { BlockList, isIP } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ReleaseStatus } from '../events/cloud-event.ts';
import { classifyAddress } from './address-class.ts';
import { checkDestination } from './check-url.ts';
import { type KnownState, noticeOfRef, noticeOfRelease, toBody } from './notices.ts';
import { mostAttempts, retryDelayMs } from './retry-schedule.ts';
import { signatureHeaders, toWebhookSecret } from './signature.ts';

describe('classifyAddress', () => {
  const cases: Record<string, string[]> = {
    public: ['93.184.216.34', '8.8.8.8', '172.32.0.1', '2606:2800:220:1::1', '2a00:1450::200e', '192.0.1.1'],
    private: [
      '127.0.0.1',
      '127.255.255.255',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '100.64.0.1',
      '::1',
      'fc00::1',
      'fd12:3456::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::FFFF:8.8.8.8',
    ],
    forbidden: [
      '0.0.0.0',
      '169.254.169.254',
      '100.100.100.200',
      '192.0.0.192',
      '168.63.129.16',
      '224.0.0.1',
      '255.255.255.255',
      '240.0.0.1',
      '::',
      'fe80::1',
      'fe80::1%eth0',
      'ff02::1',
      'fd00:ec2::254',
      '::ffff:169.254.169.254',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001:0:7f00:1::',
      '2001:db8::1',
      '127.1',
      '0177.0.0.1',
      '1:2:3',
      'localhost',
      '',
    ],
  };
  for (const [want, addresses] of Object.entries(cases))
    it(`says ${want}`, () => {
      for (const address of addresses) assert.equal(classifyAddress(address), want, address);
    });

  it('agrees with the ranges of the platform on every IPv4 address, also written as IPv6', () => {
    const local = new BlockList();
    for (const [base, bits] of [
      ['10.0.0.0', 8],
      ['127.0.0.0', 8],
      ['172.16.0.0', 12],
      ['192.168.0.0', 16],
      ['100.64.0.0', 10],
      ['169.254.0.0', 16],
      ['224.0.0.0', 3],
      ['0.0.0.0', 8],
    ] as const)
      local.addSubnet(base, bits);
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        if (local.check(address)) assert.notEqual(classifyAddress(address), 'public');
        assert.notEqual(classifyAddress(`::ffff:${address}`), 'public');
      }),
    );
  });

  it('reads what the platform reads as an address, and calls nothing else public', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), fc.string(), fc.ipV4Extended()), (text) => {
        if (isIP(text) === 0) assert.equal(classifyAddress(text), 'forbidden');
      }),
    );
  });
});

describe('checkDestination', () => {
  const rules = { allowPrivate: false, ownNames: ['localhost'] };
  const cases: { given: string; want: string }[] = [
    { given: 'https://example.com/hook?key=1', want: 'ok' },
    { given: 'http://example.com:8080/', want: 'ok' },
    { given: 'https://[2606:2800::1]/', want: 'ok' },
    { given: 'ftp://example.com/', want: 'InvalidUrl' },
    { given: 'https://user:secret@example.com/', want: 'InvalidUrl' },
    { given: 'nothing', want: 'InvalidUrl' },
    { given: 'http://localhost:7070/', want: 'BlockedUrl' },
    { given: 'http://LOCALHOST./', want: 'BlockedUrl' },
    { given: 'http://blog.acme-dev.localhost/', want: 'BlockedUrl' },
    { given: 'http://127.1/', want: 'BlockedUrl' },
    { given: 'http://0x7f000001/', want: 'BlockedUrl' },
    { given: 'http://2130706433/', want: 'BlockedUrl' },
    { given: 'http://0177.0.0.1/', want: 'BlockedUrl' },
    { given: 'http://１２７.0.0.1/', want: 'BlockedUrl' },
    { given: 'http://[::1]/', want: 'BlockedUrl' },
    { given: 'http://[::ffff:127.0.0.1]/', want: 'BlockedUrl' },
    { given: 'http://169.254.169.254/latest', want: 'BlockedUrl' },
    { given: 'http://example.com:0/', want: 'BlockedUrl' },
    { given: 'http://example.com:25/', want: 'BlockedUrl' },
  ];
  for (const { given, want } of cases)
    it(`${given} is ${want}`, () => {
      const result = checkDestination(given, rules);
      assert.equal(result.ok ? 'ok' : result.problems[0]?.code, want);
    });
  it('lets a Sovereign allow private addresses, and still no metadata', () => {
    const allowing = { ...rules, allowPrivate: true };
    assert.ok(checkDestination('http://127.0.0.1:9/', allowing).ok);
    assert.ok(checkDestination('http://localhost:9/', allowing).ok);
    assert.ok(!checkDestination('http://169.254.169.254/', allowing).ok);
  });
});

describe('signature', () => {
  it('is that of the Standard Webhooks specification', () => {
    const headers = signatureHeaders({
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    });
    assert.equal(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });
  it('has secrets of the documented shape', () =>
    assert.match(toWebhookSecret(new Uint8Array(32)), /^whsec_[A-Za-z0-9+/]{43}=$/));
});

describe('retries', () => {
  it('go on for about a day, first quickly, each later than the one before', () => {
    const delays = Array.from({ length: mostAttempts - 1 }, (_, at) => retryDelayMs(at + 1, 0.5) ?? 0);
    const hours = delays.reduce((sum, delay) => sum + delay, 0) / 3_600_000;
    assert.ok(hours > 20 && hours < 30, `${hours}`);
    assert.deepEqual(
      delays,
      delays.toSorted((a, b) => a - b),
    );
    assert.equal(delays[0], 5000);
    assert.equal(retryDelayMs(mostAttempts, 0.5), undefined);
  });
});

describe('notices', () => {
  const revision = 'b'.repeat(40);
  const status = (over: Partial<ReleaseStatus>): ReleaseStatus => ({
    environment: 'acme-dev',
    organization: 'acme',
    application: 'shop',
    revision,
    appliedRevision: revision,
    ready: {
      type: 'Ready',
      status: 'True',
      reason: 'Ready',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
    replicas: { ready: 1, desired: 1 },
    routes: [],
    inventory: [],
    ...over,
  });
  const failed = { ...status({}).ready, status: 'False' as const, reason: 'RenderFailed', message: 'x' };

  it('says each state once, and again when it comes back', () => {
    let known: KnownState | undefined;
    const said: (string | undefined)[] = [];
    for (const next of [
      status({}),
      status({}),
      status({ replicas: { ready: 1, desired: 2 } }),
      status({}),
      status({ ready: failed, replicas: { ready: 0, desired: 1 } }),
      status({ ready: failed, replicas: { ready: 0, desired: 1 } }),
      status({
        ready: { ...status({}).ready, reason: 'ScaledToZero' },
        replicas: { ready: 0, desired: 0 },
      }),
      status({ removed: true }),
      status({ removed: true }),
    ]) {
      const { after, notice } = noticeOfRelease(known, next);
      known = after;
      said.push(notice?.event.split('.')[1]);
    }
    assert.deepEqual(said, [
      'running',
      undefined,
      'degraded',
      'running',
      'failed',
      undefined,
      undefined,
      'removed',
      undefined,
    ]);
  });

  it('says who changed what, and nothing of other branches', () => {
    const update = {
      organization: 'acme',
      repository: 'shop',
      ref: 'refs/heads/develop',
      oldRevision: '0'.repeat(40),
      newRevision: revision,
      sequence: 1,
      pusher: { id: 'u', name: 'Ada', surface: 'git' as const },
      subject: 'Install',
      time: '2026-01-01T00:00:00Z',
    };
    assert.equal(noticeOfRef(update), undefined);
    const notice = noticeOfRef({ ...update, environment: 'acme-dev', declaration: null });
    assert.equal(notice?.event, 'application.changed');
    assert.equal(notice?.data['uninstalled'], true);
    const body = JSON.parse(toBody('ping', '2026-01-01T00:00:00Z', {})) as object;
    assert.deepEqual(Object.keys(body), ['type', 'timestamp', 'data']);
  });
});
