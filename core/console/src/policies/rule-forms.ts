import { ruleKinds } from '@catalyst/model/policy/rule-kinds.ts';

/** How one field of a rule is asked for. */
export type FieldWidget =
  | 'people'
  /** People, or the owners of what changes. */
  | 'approvers'
  | 'environment'
  | 'zone'
  | 'moment'
  | 'text'
  | 'number'
  | 'switch'
  | 'list'
  | 'choice';

/** One field of a rule. */
export interface RuleField {
  readonly name: string;
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  readonly required: boolean;
  readonly widget: FieldWidget;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
}

/** One kind of rule as the form shows it. */
export interface RuleForm {
  readonly kind: string;
  readonly title: string;
  readonly lead: string;
  readonly fields: readonly RuleField[];
}

/** A rule as it is edited: JSON of its kind. */
export type RuleDraft = Readonly<Record<string, unknown>> & { readonly kind: string };

/** What a blank rule is made from. */
export interface FormPlace {
  readonly organization: string;
  readonly environment: string;
  readonly environments: readonly string[];
}

interface KindWords {
  readonly title: string;
  readonly lead: string;
  readonly fields?: Readonly<Record<string, Partial<Omit<RuleField, 'name' | 'required'>>>>;
  readonly blank?: (place: FormPlace) => Readonly<Record<string, unknown>>;
}

/** Words and starting values beyond the schemas; a kind that is not here is shown by its schema alone. */
const words: Readonly<Record<string, KindWords>> = {
  'pr-required': {
    title: 'Pull requests with approvals',
    lead: 'Nobody changes it directly any more: not in the console, not by API, not by git push.',
    fields: {
      approvers: {
        label: 'Who approves',
        description: 'Whoever opened it or pushed to it does not count.',
        widget: 'approvers',
      },
      minApprovals: { label: 'Approvals' },
    },
    blank: ({ organization }) => ({
      approvers: [`@${organization}/org-admins`, `@${organization}/org-developers`],
      minApprovals: 1,
    }),
  },
  soak: {
    title: 'Soak elsewhere first',
    lead: 'What is let in has been Running in another Environment for a while.',
    fields: {
      sourceEnvironment: { label: 'Where it runs first', widget: 'environment' },
      duration: { label: 'For how long', description: 'As 30m, 72h or 3d.', placeholder: '24h' },
    },
    blank: ({ environment, environments }) => ({
      sourceEnvironment: environments.find((name) => name !== environment) ?? '',
      duration: '24h',
    }),
  },
  'change-window': {
    title: 'Change window',
    lead: 'Changes are let in at certain hours only. Of several windows one that is open is enough.',
    fields: {
      cron: {
        label: 'When it opens',
        description: 'Minute, hour, day, month, weekday: "0 14 * * 2,4" is Tuesday and Thursday at 14:00.',
        placeholder: '0 14 * * 2,4',
      },
      duration: { label: 'For how long', description: 'As 30m or 2h, at most 7d.', placeholder: '2h' },
      timeZone: { label: 'Time zone', description: 'Whose clock it follows.', widget: 'zone' },
    },
    blank: () => ({
      cron: '0 14 * * 2,4',
      duration: '2h',
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    }),
  },
  freeze: {
    title: 'Freeze',
    lead: 'Nothing changes between two moments, unless one of the excepted merges it.',
    fields: {
      from: { label: 'From', description: 'By the clock of this device.', widget: 'moment' },
      to: { label: 'Until', description: 'By the clock of this device.', widget: 'moment' },
      reason: { label: 'Why it is frozen' },
      exceptions: {
        label: 'Except',
        description: 'Who merges decides. Nobody is excepted unless named.',
        widget: 'people',
      },
    },
    blank: () => ({ from: '', to: '', reason: '' }),
  },
  checks: {
    title: 'Checks',
    lead: 'Named results of other systems must have been posted as passed.',
    fields: {
      names: {
        label: 'Names of the checks',
        description: 'As ci or security/scan. Only a token that an org-admin gave the right to posts one.',
      },
    },
    blank: () => ({ names: [] }),
  },
  're-score-gate': {
    title: 'RE score',
    lead: 'What is let in is rendered well enough to run reliably.',
    fields: { minScore: { label: 'Least score' }, severity: { label: 'When it is below' } },
    blank: () => ({ minScore: 70, severity: 'blocking' }),
  },
};

interface FieldSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly FieldSchema[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

function choicesOf({ anyOf, enum: listed }: FieldSchema): readonly string[] | undefined {
  const values = listed ?? anyOf?.map((branch) => branch.const);
  return values?.every((value) => typeof value === 'string') ? values : undefined;
}

function widgetOf(schema: FieldSchema): FieldWidget {
  if (choicesOf(schema)) return 'choice';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'boolean') return 'switch';
  return schema.type === 'array' ? 'list' : 'text';
}

const toLabel = (name: string) =>
  `${name.charAt(0).toUpperCase()}${name
    .slice(1)
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll('-', ' ')}`;

/** The form of a kind from its schema, in the words of the table where it has any. */
export function toRuleForm(kind: string, schema: unknown): RuleForm {
  // Schemas of our own are JSON Schemas of objects.
  const { properties, required = [] } = schema as {
    properties: Readonly<Record<string, FieldSchema>>;
    required?: readonly string[];
  };
  const said = Object.hasOwn(words, kind) ? words[kind] : undefined;
  const fields = Object.entries(properties)
    .filter(([name]) => name !== 'kind')
    .map(([name, field]): RuleField => {
      const choices = choicesOf(field);
      return {
        name,
        label: toLabel(name),
        required: required.includes(name),
        widget: widgetOf(field),
        ...(field.description === undefined ? {} : { description: field.description }),
        ...(field.minimum === undefined ? {} : { minimum: field.minimum }),
        ...(field.maximum === undefined ? {} : { maximum: field.maximum }),
        ...(choices ? { choices } : {}),
        ...said?.fields?.[name],
      };
    });
  return { kind, title: said?.title ?? toLabel(kind), lead: said?.lead ?? '', fields };
}

/** Every kind that there is, in the order of the table of the model. */
export const ruleForms: readonly RuleForm[] = Object.entries(ruleKinds).map(([kind, { schema }]) =>
  toRuleForm(kind, schema),
);

/** A new rule of a kind, with what is most often wanted. */
export function blankRule({ kind, fields }: RuleForm, place: FormPlace): RuleDraft {
  const empty = fields
    .filter(({ required }) => required)
    .map(({ name, widget, minimum, choices }): [string, unknown] => [
      name,
      widget === 'number' ? (minimum ?? 0) : widget === 'list' ? [] : (choices?.[0] ?? ''),
    ]);
  const said = Object.hasOwn(words, kind) ? words[kind] : undefined;
  return { ...Object.fromEntries(empty), ...said?.blank?.(place), kind };
}
