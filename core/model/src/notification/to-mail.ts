import { toHeaderText } from './header-text.ts';
import { type Notice, notificationKinds } from './kinds.ts';

/** Subject and plain text of an e-mail. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** The e-mail of a notification: one sentence, one link, and how to have no more of them. */
export function toMail(notice: Notice, pageUrl: (path: string) => string): MailText {
  const { label } = notificationKinds[notice.kind];
  return {
    subject: toHeaderText(`[${notice.organization}] ${label}: ${notice.title}`),
    text: [
      `${label}: ${toHeaderText(notice.title, 300)}`,
      '',
      toHeaderText(notice.message, 1_000),
      '',
      pageUrl(notice.path),
      '',
      '-- ',
      `You get this because it needs you. Switch these e-mails off at ${pageUrl('/inbox')}`,
      '',
    ].join('\n'),
  };
}
