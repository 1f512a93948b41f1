/** One message to one person, in plain text. */
export interface MailMessage {
  /** Stays the same when it is sent again; receivers can tell by it that they have it already. Letters, digits, `-` and `_`. */
  readonly id: string;
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
}

/**
 * What came of it. Taken: the server has answered for it. Otherwise whether trying again may help; `message` is one sentence without
 * credentials and without anything of the message.
 */
export type MailOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly retry: 'later' | 'never';
      readonly code:
        | 'NotConfigured'
        | 'Unreachable'
        | 'NotAccepted'
        | 'Insecure'
        | 'SignInFailed'
        | 'Invalid';
      readonly message: string;
    };

/**
 * Sends e-mail. At least once: a server that took a message and whose answer was lost gets it again, under the same id. No line that
 * people wrote becomes a header or a second receiver. Nothing is read from files or addresses that a message names. Never throws for
 * what the other side does; ends after half a minute.
 */
export interface Mail {
  /** Whether there is a server to send by, as the settings are now; where there is none, why not. */
  status(): { readonly configured: true } | { readonly configured: false; readonly message: string };
  send(message: MailMessage): Promise<MailOutcome>;
}
