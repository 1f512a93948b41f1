import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Mail, MailMessage } from './mail.ts';

/** A server that took messages, as it saw them. */
export interface MailUnderTest {
  readonly mail: Mail;
  /** Receivers of the envelope and the whole message, in the order in which they came. */
  readonly taken: () => readonly { readonly to: readonly string[]; readonly message: string }[];
  /** Addresses that the server refuses for now and for good. */
  readonly later: string;
  readonly never: string;
  /** From then on no server answers. */
  stopServer(): Promise<void>;
  dispose(): Promise<void>;
}

const message: MailMessage = {
  id: 'ntf_1',
  to: { name: 'Ada', address: 'ada@example.org' },
  subject: 'It needs you',
  text: 'Look at this.\n\nhttp://localhost/inbox\n',
};

/** The laws of `Mail`, for any adapter. */
export function mailContract(name: string, create: () => Promise<MailUnderTest>): void {
  const law = (what: string, work: (subject: MailUnderTest) => Promise<void>) =>
    it(what, async () => {
      const subject = await create();
      try {
        await work(subject);
      } finally {
        await subject.dispose();
      }
    });
  const headersOf = (text: string) => text.split(/\r?\n\r?\n/)[0] ?? '';

  describe(`Mail: ${name}`, { timeout: 60_000 }, () => {
    law('a message that is answered for has come, once, to one receiver', async ({ mail, taken }) => {
      assert.deepEqual(mail.status(), { configured: true });
      assert.deepEqual(await mail.send(message), { ok: true });
      const [came, ...more] = taken();
      assert.deepEqual(more, []);
      assert.deepEqual(came?.to, ['ada@example.org']);
      assert.match(headersOf(came?.message ?? ''), /^Subject: It needs you$/m);
      assert.match(came?.message ?? '', /Look at this\.\r?\n\r?\nhttp:\/\/localhost\/inbox/);
    });

    law('the same message again has the same id', async ({ mail, taken }) => {
      await mail.send(message);
      await mail.send(message);
      const ids = taken().map((came) => /^Message-ID: (.*)$/im.exec(came.message)?.[1]);
      assert.equal(ids.length, 2);
      assert.ok(ids[0]?.includes('ntf_1'));
      assert.equal(ids[0], ids[1]);
    });

    law('nothing that people wrote becomes a header or a receiver', async ({ mail, taken }) => {
      const injected = 'x\r\nBcc: eve@example.org\r\nX-Evil: yes\r\n\r\nbody';
      const sent = await mail.send({
        ...message,
        subject: injected,
        to: { name: `Ada" <eve@example.org>, ${injected}`, address: 'ada@example.org' },
      });
      assert.deepEqual(sent, { ok: true });
      const [came] = taken();
      assert.deepEqual(came?.to, ['ada@example.org']);
      const names = headersOf(came?.message ?? '')
        .split(/\r?\n(?![ \t])/)
        .map((line) => line.split(':')[0]?.toLowerCase());
      assert.ok(!names.includes('bcc') && !names.includes('x-evil'), names.join(', '));
      assert.equal(names.filter((header) => header === 'to').length, 1);
    });

    for (const address of [
      'ada@example.org, eve@example.org',
      'ada@example.org>\r\nRCPT TO:<eve@example.org',
      'ada',
      '<ada@example.org>',
      '',
    ])
      law(`${JSON.stringify(address)} is no address`, async ({ mail, taken }) => {
        const sent = await mail.send({ ...message, to: { name: 'Ada', address } });
        assert.ok(!sent.ok);
        assert.deepEqual([sent.code, sent.retry], ['Invalid', 'never']);
        assert.deepEqual(taken(), []);
      });

    law('what is refused for now may be tried again, what is refused for good may not', async (subject) => {
      const to = (address: string) => ({ ...message, to: { name: 'Ada', address } });
      const later = await subject.mail.send(to(subject.later));
      assert.ok(!later.ok);
      assert.deepEqual([later.code, later.retry], ['NotAccepted', 'later']);
      const never = await subject.mail.send(to(subject.never));
      assert.ok(!never.ok);
      assert.deepEqual([never.code, never.retry], ['NotAccepted', 'never']);
      assert.deepEqual(subject.taken(), []);
    });

    law('a server that is away is worth another try', async (subject) => {
      await subject.stopServer();
      const sent = await subject.mail.send(message);
      assert.ok(!sent.ok);
      assert.deepEqual([sent.code, sent.retry], ['Unreachable', 'later']);
    });
  });
}
