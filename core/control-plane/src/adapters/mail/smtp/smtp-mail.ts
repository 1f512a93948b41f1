import { toHeaderText } from '@catalyst/model/notification/header-text.ts';
import { CatalystError, type Result } from '@catalyst/model/problem.ts';
import type { Mail, MailMessage, MailOutcome } from '../../../ports/mail.ts';
import type { MailSettings } from './mail-settings.ts';

const connectMs = 10_000;
const answerMs = 15_000;
const wholeMs = 30_000;
const addressPattern = /^[^\s<>,;:"\\@]+@[^\s<>,;:"\\@]+$/;
const idPattern = /^[A-Za-z0-9_-]{1,100}$/;

/** What a sending that failed brings; the text of the server's answer stays out of everything. */
interface SmtpError {
  readonly message?: string;
  readonly code?: string;
  readonly responseCode?: number;
  readonly command?: string;
}

/** Sends by SMTP to the server that the settings name at that moment; one connection per message. */
export function createSmtpMail({
  settings,
  extraCertificates,
}: {
  readonly settings: () => Result<MailSettings>;
  /** PEM of authorities beside those of the machine. */
  readonly extraCertificates?: string;
}): Mail {
  return {
    status() {
      const now = settings();
      return now.ok
        ? { configured: true }
        : { configured: false, message: now.problems[0]?.message ?? 'the settings cannot be used.' };
    },

    async send(message) {
      const now = settings();
      if (!now.ok)
        return refuse('later', 'NotConfigured', now.problems[0]?.message ?? 'There is no mail server.');
      if (!addressPattern.test(message.to.address) || message.to.address.length > 254)
        return refuse('never', 'Invalid', 'The address of the person is not one that e-mail can be sent to.');
      if (!idPattern.test(message.id))
        throw new CatalystError('Invalid', 'An e-mail needs an id of letters.');
      return sendBy(now.value, message, extraCertificates);
    },
  };
}

async function sendBy(
  settings: MailSettings,
  message: MailMessage,
  extraCertificates: string | undefined,
): Promise<MailOutcome> {
  const { host, port, tls, user, password, from, name } = settings;
  // 20 MB that a Sovereign without e-mail does without.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(user !== undefined && password !== undefined ? { auth: { user, pass: password } } : {}),
    ...(extraCertificates === undefined ? {} : { tls: { ca: extraCertificates } }),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: answerMs,
    dnsTimeout: connectMs,
    logger: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<MailOutcome>((resolve) => {
    timer = setTimeout(
      () => resolve(refuse('later', 'Unreachable', 'The mail server did not finish within half a minute.')),
      wholeMs,
    );
  });
  const sending = transport
    .sendMail({
      from: { name: toHeaderText(name ?? 'Catalyst', 100), address: from },
      to: { name: toHeaderText(message.to.name, 100), address: message.to.address },
      subject: toHeaderText(message.subject),
      text: message.text,
      messageId: `<${message.id}@${from.split('@')[1] ?? 'localhost'}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
    .then(
      (): MailOutcome => ({ ok: true }),
      (error: SmtpError): MailOutcome => toOutcome(error),
    );
  try {
    return await Promise.race([sending, tooLong]);
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

function refuse(
  retry: 'later' | 'never',
  code: Extract<MailOutcome, { ok: false }>['code'],
  message: string,
): MailOutcome {
  return { ok: false, retry, code, message };
}

/** Answers from 500 on are for good, except where they are about us and not about the message: an administrator mends those. */
function toOutcome({ message = '', code, responseCode, command }: SmtpError): MailOutcome {
  const number = responseCode === undefined ? '' : ` (${responseCode})`;
  if (code === 'EAUTH' || code === 'ENOAUTH')
    return refuse('later', 'SignInFailed', `The mail server did not accept the user and password${number}.`);
  // The library keeps what was wrong with a certificate in words alone.
  if (code === 'ETLS' || command === 'STARTTLS' || /certificate/i.test(message))
    return refuse('later', 'Insecure', 'The mail server gave no secure connection, and none other is used.');
  if (responseCode !== undefined && responseCode >= 500 && command !== 'CONN')
    return refuse('never', 'NotAccepted', `The mail server refused the message for good${number}.`);
  if (responseCode !== undefined)
    return refuse('later', 'NotAccepted', `The mail server does not take the message now${number}.`);
  return refuse('later', 'Unreachable', 'The mail server could not be reached.');
}
