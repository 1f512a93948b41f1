import type { ApiKit } from './api-kit.ts';
import { revision } from './doubles.ts';

/** What becomes of a request. */
export type Verdict = 'allow' | 'unauthenticated' | 'denied' | 'hidden';

/** Everybody who asks in the matrix. */
export const callers = [
  'anonymous',
  'foreignAdmin',
  'pendingMember',
  'viewer',
  'developer',
  'limitedDeveloper',
  'glassBreaker',
  'orgAdmin',
  'sovereignAdmin',
  'readOnlyToken',
  'checkToken',
  'otherCheckToken',
  'foreignCheckToken',
  'revokedToken',
  'expiredSession',
] as const;
export type Caller = (typeof callers)[number];

type Rule = Readonly<Record<Caller, Verdict>>;

const stranger = {
  anonymous: 'unauthenticated',
  revokedToken: 'unauthenticated',
  expiredSession: 'unauthenticated',
} as const;

/** Belong to another Organization, whatever they may do there, or were invited here and have not accepted. */
const foreign = {
  foreignAdmin: 'hidden',
  foreignCheckToken: 'hidden',
  pendingMember: 'hidden',
} as const;

/** Tokens of an org-admin that only read, with and without the right to post checks. */
const readingTokens = {
  readOnlyToken: 'denied',
  checkToken: 'denied',
  otherCheckToken: 'denied',
} as const;

/** The rights of the four roles, said once. */
export const rules = {
  /** Credentials are not looked at. */
  public: all('allow'),
  /** Open, but a token that is wrong is said to be. */
  open: { ...all('allow'), revokedToken: 'unauthenticated' },
  user: { ...all('allow'), ...stranger },
  /** Signed-in people change what is their own; tokens that only read do not. */
  ownWrite: { ...all('allow'), ...stranger, ...readingTokens, foreignCheckToken: 'denied' },
  sovereign: { ...all('denied'), ...stranger, sovereignAdmin: 'allow' },
  memberRead: { ...all('allow'), ...stranger, ...foreign },
  adminWrite: {
    ...all('denied'),
    ...stranger,
    ...foreign,
    orgAdmin: 'allow',
    sovereignAdmin: 'allow',
  },
  developerWrite: {
    ...all('denied'),
    ...stranger,
    ...foreign,
    developer: 'allow',
    glassBreaker: 'allow',
    orgAdmin: 'allow',
    sovereignAdmin: 'allow',
  },
  /** A right of its own: whoever has it was named. */
  breakingGlass: {
    ...all('denied'),
    ...stranger,
    ...foreign,
    glassBreaker: 'allow',
  },
  /** Where there is an org-admin, a sovereign-admin does not do it in their place. */
  orgAdminOnly: { ...all('denied'), ...stranger, ...foreign, orgAdmin: 'allow' },
  /** A developer who is limited to some Environments may propose changes of the others. */
  proposing: {
    ...all('allow'),
    ...stranger,
    ...foreign,
    viewer: 'denied',
    ...readingTokens,
  },
  /** A right of a token to one name in one Organization: no role has it. */
  postingChecks: { ...all('denied'), ...stranger, ...foreign, checkToken: 'allow' },
} as const satisfies Record<string, Rule>;

function all(verdict: Verdict): Record<Caller, Verdict> {
  return Object.fromEntries(callers.map((caller) => [caller, verdict])) as Record<Caller, Verdict>;
}

/** How one operation is asked in the matrix, and who may. `{organization}` is `acme`, `{environment}` is `acme-dev`. */
export interface Row {
  readonly rule: keyof typeof rules;
  /** Status of the allowed answer. */
  readonly want: number;
  readonly body?: (caller: Caller) => object;
  readonly query?: string;
  /** The allowed answer does not end by itself. */
  readonly endless?: boolean;
  /** Values of further path parameters. */
  readonly params?: Readonly<Record<string, string>>;
  /** Makes what the operation takes away; returns further path parameters. */
  readonly prepare?: (kit: ApiKit, user: string) => Promise<Record<string, string>>;
}

const shop = { application: 'shop' };
const hook = { webhook: 'wh_1' };
const first = { ...shop, number: '1' };

/** Every operation of the OpenAPI document, by its id. */
export const table: Readonly<Record<string, Row>> = {
  getOpenApi: { rule: 'public', want: 200 },
  getHealth: { rule: 'public', want: 200 },
  getReadiness: { rule: 'public', want: 200 },
  getSovereign: { rule: 'public', want: 200 },
  setUpSovereign: {
    rule: 'public',
    want: 422,
    body: () => ({ token: 'x', name: 'x', email: 'x@example.org', password: 'x' }),
  },
  readInvitation: { rule: 'public', want: 422, body: () => ({ token: 'x' }) },
  acceptInvitation: { rule: 'public', want: 422, body: () => ({ token: 'x', password: 'x' }) },
  // The link is none, so the allowed answer is a refusal that changes nothing.
  acceptMembership: { rule: 'ownWrite', want: 422, body: () => ({ token: 'x' }) },
  getMe: { rule: 'user', want: 200 },
  listBlueprints: { rule: 'open', want: 200 },
  getBlueprint: { rule: 'open', want: 200, params: { name: 'bp-web-app' } },
  getBlastRadius: { rule: 'user', want: 200, params: { name: 'bp-web-app' }, query: 'version=1.0.0' },
  proposeUpgrades: {
    rule: 'ownWrite',
    want: 200,
    params: { name: 'bp-web-app' },
    body: () => ({ version: '1.0.0', applications: [{ environment: 'acme-dev', application: 'shop' }] }),
  },

  listOrganizations: { rule: 'user', want: 200 },
  createOrganization: {
    rule: 'sovereign',
    want: 201,
    body: () => ({ name: 'initech', environments: ['dev'] }),
  },
  getOrganization: { rule: 'memberRead', want: 200 },
  previewOrganizationDeletion: { rule: 'adminWrite', want: 200 },
  // The name is not typed again, so the allowed answer is a refusal that changes nothing.
  deleteOrganization: { rule: 'adminWrite', want: 422, query: 'confirm=wrong' },
  listEnvironments: { rule: 'memberRead', want: 200 },
  createEnvironment: { rule: 'adminWrite', want: 201, body: () => ({ envType: 'uat' }) },
  getEnvironment: { rule: 'memberRead', want: 200 },
  previewEnvironmentDeletion: { rule: 'adminWrite', want: 200 },
  deleteEnvironment: { rule: 'adminWrite', want: 422, query: 'confirm=wrong' },

  listMembers: { rule: 'memberRead', want: 200 },
  addMember: {
    rule: 'adminWrite',
    want: 201,
    body: (caller) => ({ name: 'New', email: `new-${caller}@example.org`, role: 'org-viewer' }),
  },
  changeMember: {
    rule: 'adminWrite',
    want: 200,
    prepare: (kit) => makeMember(kit),
    body: () => ({ role: 'org-developer', environments: ['acme-dev'] }),
  },
  removeMember: { rule: 'adminWrite', want: 204, prepare: (kit) => makeMember(kit) },

  listInvitations: { rule: 'adminWrite', want: 200 },
  renewInvitation: { rule: 'adminWrite', want: 200, prepare: makeInvitation },
  withdrawInvitation: { rule: 'adminWrite', want: 204, prepare: makeInvitation },

  listApplications: { rule: 'user', want: 200 },
  listEnvironmentApplications: { rule: 'memberRead', want: 200 },
  getApplication: { rule: 'memberRead', want: 200, params: shop },
  getApplicationHistory: { rule: 'memberRead', want: 200, params: shop },
  getEnvironmentHistory: { rule: 'memberRead', want: 200 },
  getPlanAtTheTime: { rule: 'memberRead', want: 200, params: { ...shop, revision } },
  compareRevisions: { rule: 'memberRead', want: 200, params: shop, query: `from=${revision}&to=${revision}` },
  getScorecard: { rule: 'memberRead', want: 200, params: shop },
  getApplicationManifests: { rule: 'memberRead', want: 200, params: shop },
  getApplicationLogs: { rule: 'memberRead', want: 200, params: shop, query: 'pod=shop-0&container=web' },
  createPlan: { rule: 'developerWrite', want: 201, body: () => ({ action: 'restart', application: 'shop' }) },
  applyPlan: { rule: 'developerWrite', want: 202, params: { plan: 'plan-1' } },
  listUnfinishedPlans: { rule: 'memberRead', want: 200 },
  watchEnvironment: { rule: 'memberRead', want: 200, endless: true },
  listVolumes: { rule: 'memberRead', want: 200 },
  deleteVolume: { rule: 'developerWrite', want: 204, params: { application: 'gone', claim: 'data' } },

  listTeams: { rule: 'memberRead', want: 200 },
  putTeam: { rule: 'adminWrite', want: 200, params: { team: 'security' }, body: () => ({ members: [] }) },
  deleteTeam: { rule: 'adminWrite', want: 204, params: { team: 'security' } },
  getPolicy: { rule: 'memberRead', want: 200 },
  putPolicy: { rule: 'adminWrite', want: 200, body: () => ({ spec: null, reason: 'No more.' }) },
  checkPolicy: { rule: 'adminWrite', want: 200, body: () => ({ spec: null }) },
  listPolicyProposals: { rule: 'memberRead', want: 200 },
  proposePolicy: { rule: 'adminWrite', want: 201, body: () => ({ spec: null, reason: 'No more.' }) },
  getPolicyProposal: { rule: 'memberRead', want: 200, params: { proposal: 'pp_1' } },
  // A policy may name developers as approvers; whether it does is asked of the policy.
  approvePolicyProposal: {
    rule: 'proposing',
    want: 200,
    params: { proposal: 'pp_1' },
    body: () => ({ reason: 'Right.' }),
  },
  withdrawPolicyProposal: { rule: 'adminWrite', want: 200, params: { proposal: 'pp_1' }, body: () => ({}) },

  listVerdicts: { rule: 'memberRead', want: 200 },
  getVerdict: { rule: 'memberRead', want: 200, params: { id: 'verdict-1' } },
  listBreakGlass: { rule: 'memberRead', want: 200 },
  openBreakGlass: { rule: 'breakingGlass', want: 201, body: () => ({ reason: 'The shop is down.' }) },
  closeBreakGlass: { rule: 'developerWrite', want: 200, params: { id: 'glass-1' } },
  grantBreakGlass: { rule: 'orgAdminOnly', want: 200, prepare: (kit) => makeMember(kit, 'org-developer') },
  revokeBreakGlass: { rule: 'adminWrite', want: 200, prepare: (kit) => makeMember(kit) },

  listPullRequests: { rule: 'memberRead', want: 200 },
  openPullRequest: {
    rule: 'proposing',
    want: 201,
    body: () => ({ application: 'shop', source: 'more', destination: 'develop', title: 'More' }),
  },
  getPullRequest: { rule: 'memberRead', want: 200, params: first },
  editPullRequest: { rule: 'proposing', want: 200, params: first, body: () => ({ title: 'Fewer' }) },
  decidePromotion: {
    rule: 'proposing',
    want: 200,
    params: first,
    body: () => ({
      revision: 'a'.repeat(40),
      content: 'a'.repeat(40),
      decisions: { 'base/values.yaml': 'source' },
    }),
  },
  reviewPullRequest: {
    rule: 'proposing',
    want: 200,
    params: first,
    body: () => ({ verdict: 'approve', revision: 'a'.repeat(40), content: 'a'.repeat(40) }),
  },
  commentPullRequest: { rule: 'proposing', want: 201, params: first, body: () => ({ text: 'Why?' }) },
  mergePullRequest: {
    rule: 'developerWrite',
    want: 200,
    params: first,
    body: () => ({ expectedHead: 'a'.repeat(40), content: 'a'.repeat(40) }),
  },
  askAutoMerge: {
    rule: 'developerWrite',
    want: 200,
    params: first,
    body: () => ({ expectedHead: 'a'.repeat(40), content: 'a'.repeat(40) }),
  },
  stopAutoMerge: { rule: 'proposing', want: 200, params: first },
  postPullRequestCheck: {
    rule: 'postingChecks',
    want: 200,
    params: { ...first, check: 'scan' },
    body: () => ({ revision: 'a'.repeat(40), status: 'success' }),
  },
  proposePlan: { rule: 'developerWrite', want: 201, params: { plan: 'plan-1' }, body: () => ({}) },

  getLane: { rule: 'memberRead', want: 200, params: shop },
  acceptBackflow: {
    rule: 'proposing',
    want: 201,
    params: shop,
    body: () => ({ from: 'acme-prod', to: 'acme-dev' }),
  },
  declineBackflow: {
    rule: 'developerWrite',
    want: 204,
    params: shop,
    body: () => ({ from: 'acme-prod', to: 'acme-dev', fingerprint: 'a'.repeat(32), reason: 'Only there.' }),
  },
  listBlueprintApplications: { rule: 'memberRead', want: 200, params: { blueprint: 'bp-web-app' } },

  listWebhooks: { rule: 'adminWrite', want: 200 },
  createWebhook: {
    rule: 'adminWrite',
    want: 201,
    body: () => ({ url: 'https://example.org/hook', events: ['ping'] }),
  },
  getWebhook: { rule: 'adminWrite', want: 200, params: hook },
  changeWebhook: { rule: 'adminWrite', want: 200, params: hook, body: () => ({ active: true }) },
  deleteWebhook: { rule: 'adminWrite', want: 204, params: hook },
  pingWebhook: { rule: 'adminWrite', want: 200, params: hook },
  listDeliveries: { rule: 'adminWrite', want: 200, params: hook },
  redeliverDelivery: { rule: 'adminWrite', want: 200, params: { ...hook, delivery: 'msg_1' } },

  getInbox: { rule: 'user', want: 200 },
  listNotifications: { rule: 'user', want: 200 },
  markNotificationsRead: { rule: 'ownWrite', want: 204, body: () => ({}) },
  getNotificationSettings: { rule: 'user', want: 200 },
  putNotificationSettings: { rule: 'ownWrite', want: 200, body: () => ({ mail: 'none' }) },
  listWaitingChanges: { rule: 'memberRead', want: 200 },
  whyNotDeployed: { rule: 'memberRead', want: 200, params: shop },

  listTokens: { rule: 'user', want: 200 },
  createToken: { rule: 'ownWrite', want: 201, body: () => ({ name: 'laptop', expiresInDays: 1 }) },
  deleteToken: {
    rule: 'ownWrite',
    want: 204,
    prepare: async (kit, user) => {
      const actor = await kit.access.authenticateSession((await kit.access.signIn(user)).cookie);
      const made = actor && (await kit.access.createToken(actor, { name: 'old', expiresInDays: 1 }));
      return { id: made?.ok ? made.value.id : 'none' };
    },
  },
};

async function makeMember(
  kit: ApiKit,
  role: 'org-viewer' | 'org-developer' = 'org-viewer',
): Promise<Record<string, string>> {
  const email = `member-${crypto.randomUUID()}@example.org`;
  return { user: await kit.addPerson(email, { organization: 'acme', role }) };
}

async function makeInvitation(kit: ApiKit): Promise<Record<string, string>> {
  const email = `invited-${crypto.randomUUID()}@example.org`;
  const input = { name: 'Invited', email, role: 'org-admin' } as const;
  const added = await kit.access.addMember(kit.boss, 'acme', input);
  return { invitation: added.ok ? added.value.invitation.id : 'none' };
}
