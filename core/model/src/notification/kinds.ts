/** One kind of notification: how its e-mail is told apart, and whether somebody has to do something. */
interface NotificationKindLook {
  /** Words in front of the title in a list and in the subject of an e-mail. */
  readonly label: string;
  /** Only what needs the person is sent by e-mail. */
  readonly needsYou: boolean;
}

/** Every kind that there is; another service adds its own here and calls `notify`. */
export const notificationKinds = {
  'review-needed': { label: 'Needs your review', needsYou: true },
  approved: { label: 'Approved', needsYou: false },
  'changes-requested': { label: 'Changes requested', needsYou: true },
  mergeable: { label: 'Ready to merge', needsYou: true },
  merged: { label: 'Merged', needsYou: false },
  closed: { label: 'Closed', needsYou: false },
  failed: { label: 'Failed', needsYou: true },
  'rolled-back': { label: 'Rolled back', needsYou: true },
  'policy-proposed': { label: 'Policy change needs you', needsYou: true },
  'policy-changed': { label: 'Policy changed', needsYou: false },
  'backflow-offered': { label: 'Backflow offered', needsYou: true },
  'break-glass': { label: 'Break-glass', needsYou: true },
} as const satisfies Record<string, NotificationKindLook>;

/** One of `notificationKinds`. */
export type NotificationKind = keyof typeof notificationKinds;

/** Names of all kinds. */
export const notificationKindNames = Object.keys(notificationKinds) as NotificationKind[];

/** Something that people are told. Never contents of files, never a secret. */
export interface Notice {
  /** Of the fact: the same fact told twice is one notification. At most 300 characters. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly organization: string;
  /** What it is about, as `shop #12: More replicas`. */
  readonly title: string;
  /** One sentence: what happened or what is asked. */
  readonly message: string;
  /** Path of a page of the console. */
  readonly path: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}
