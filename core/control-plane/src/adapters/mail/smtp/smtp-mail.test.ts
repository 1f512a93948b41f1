import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { mailContract } from '../../../ports/mail.contract.ts';
import { createMailSettings } from './mail-settings.ts';
import { createSmtpMail } from './smtp-mail.ts';
import { type SmtpOptions, startSmtpKit } from './testing/smtp-kit.ts';

const message = {
  id: 'ntf_1',
  to: { name: 'Ada', address: 'ada@example.org' },
  subject: 'It needs you',
  text: 'Look.\n',
};

mailContract('smtp', async () => {
  const kit = await startSmtpKit();
  return {
    mail: createSmtpMail({ settings: createMailSettings(kit.settingsFile()) }),
    taken: kit.taken,
    later: 'later@example.org',
    never: 'never@example.org',
    stopServer: kit.die,
    dispose: kit.stop,
  };
});

describe('e-mail over SMTP', { timeout: 60_000 }, () => {
  const withServer = async (
    options: SmtpOptions,
    work: (kit: Awaited<ReturnType<typeof startSmtpKit>>) => Promise<void>,
  ) => {
    const kit = await startSmtpKit(options);
    try {
      await work(kit);
    } finally {
      await kit.stop();
    }
  };

  for (const tls of ['starttls', 'implicit'] as const)
    it(`is secure with ${tls}, and not sent where the certificate is not known`, () =>
      withServer({ tls }, async (kit) => {
        const settings = createMailSettings(kit.settingsFile());
        const known = createSmtpMail({ settings, extraCertificates: kit.certificate() });
        assert.deepEqual(await known.send(message), { ok: true });
        assert.equal(kit.taken()[0]?.secure, true);
        const sent = await createSmtpMail({ settings }).send(message);
        assert.ok(!sent.ok);
        assert.deepEqual([sent.code, sent.retry], ['Insecure', 'later']);
        assert.equal(kit.taken().length, 1);
      }));

  it('is not sent to a server that was to be secure and is not', () =>
    withServer({ tls: 'none' }, async (kit) => {
      const settings = createMailSettings(kit.settingsFile({ tls: 'starttls' }));
      const sent = await createSmtpMail({ settings }).send(message);
      assert.ok(!sent.ok);
      assert.equal(sent.code, 'Insecure');
      assert.deepEqual(kit.taken(), []);
    }));

  it('signs in with the password of a file, and never says it', async (context) => {
    const password = 'p4ss-that-is-said-nowhere';
    await withServer({ tls: 'starttls', user: 'catalyst', password }, async (kit) => {
      if (!kit.authentication) return context.skip('this aiosmtpd is older than 1.3 and signs nobody in');
      const passwordFile = join(kit.directory, 'mail-password');
      writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
      const settings = createMailSettings(
        kit.settingsFile({ user: 'catalyst', passwordFile: 'mail-password' }),
      );
      const mail = createSmtpMail({ settings, extraCertificates: kit.certificate() });
      assert.deepEqual(await mail.send(message), { ok: true });
      assert.equal(kit.taken()[0]?.signedIn, true);
      // The file is read again when it has changed.
      writeFileSync(passwordFile, `${password}-of-before\n`, { mode: 0o600 });
      const sent = await mail.send(message);
      assert.ok(!sent.ok);
      assert.deepEqual([sent.code, sent.retry], ['SignInFailed', 'later']);
      assert.ok(!JSON.stringify(sent).includes(password));
    });
  });
});

describe('the settings of e-mail', () => {
  const good = { host: 'mail.example.org', port: 587, tls: 'starttls', from: 'catalyst@example.org' };
  const cases = [
    { name: 'no file is a Sovereign without e-mail', given: undefined, want: /no mail\.yaml/ },
    { name: 'an unknown key', given: { ...good, pasword: 'x' }, want: /pasword/ },
    { name: 'a password in the file itself', given: { ...good, password: 'x' }, want: /password/ },
    { name: 'no port', given: { ...good, port: undefined }, want: /port/ },
    { name: 'a sender with a line break', given: { ...good, from: 'a@b\r\nBcc: c@d' }, want: /from/ },
    { name: 'no encryption to another machine', given: { ...good, tls: 'none' }, want: /this machine only/ },
    { name: 'a user without a password', given: { ...good, user: 'catalyst' }, want: /together/ },
    {
      name: 'a password that is not there',
      given: { ...good, user: 'c', passwordFile: 'nowhere' },
      want: /cannot be read/,
    },
    {
      name: 'a password that others may read',
      given: { ...good, user: 'c', passwordFile: 'open' },
      want: /chmod 600/,
    },
    { name: 'whole', given: { ...good, user: 'c', passwordFile: 'closed', name: 'Acme' }, want: undefined },
  ];
  for (const { name, given, want } of cases)
    it(name, (context) => {
      const directory = mkdtempSync(join(tmpdir(), 'catalyst-mail-'));
      context.after(() => rmSync(directory, { recursive: true, force: true }));
      for (const [file, mode] of [
        ['open', 0o644],
        ['closed', 0o600],
      ] as const) {
        writeFileSync(join(directory, file), 'hidden-word');
        chmodSync(join(directory, file), mode);
      }
      const path = join(directory, 'mail.yaml');
      if (given) writeFileSync(path, JSON.stringify(given));
      const settings = createMailSettings(path);
      const mail = createSmtpMail({ settings });
      const status = mail.status();
      if (want === undefined) return assert.deepEqual(status, { configured: true });
      assert.ok(!status.configured);
      assert.match(status.message, want);
      assert.ok(!status.message.includes('hidden-word'));
      // Mended while it runs.
      writeFileSync(path, JSON.stringify({ ...good, user: 'c', passwordFile: 'closed' }));
      assert.deepEqual(mail.status(), { configured: true });
    });
});
