import type { Problem } from '@catalyst/model/problem.ts';
import { ActionIcon, Button, Group, Menu, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useRef } from 'react';
import { toYaml } from '../applications/to-yaml.ts';
import classes from './Policies.module.css';
import {
  moveRule,
  type PolicyDraft,
  problemOf,
  rollbackAfter,
  setField,
  setRollbackAfter,
} from './policy-draft.ts';
import { RuleFieldInput } from './RuleFieldInput.tsx';
import { blankRule, type FormPlace, type RuleDraft, ruleForms } from './rule-forms.ts';

interface Of {
  readonly place: FormPlace;
  readonly draft: PolicyDraft;
  readonly problems: readonly Problem[];
  readonly change: (draft: PolicyDraft) => void;
}

/** The rules of a policy, each with its fields; they are added, moved and removed here. */
export function RulesForm({ place, draft, problems, change }: Of) {
  const list = useRef<HTMLOListElement>(null);
  const { rules } = draft;
  const setRules = (next: readonly RuleDraft[]) => change({ ...draft, rules: next });
  /** The rule that somebody moved keeps the focus, so that it can be moved again by keyboard. */
  const move = (from: number, to: number) => {
    setRules(moveRule(rules, from, to));
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLElement>(':scope > li')[to]?.focus());
  };
  return (
    <Stack>
      {rules.length === 0 && (
        <Text size="sm" c="dimmed">
          No rule: whoever may change {place.environment} does so at once.
        </Text>
      )}
      <ol className={classes.rules} ref={list}>
        {rules.map((rule, at) => (
          <RuleCard
            // biome-ignore lint/suspicious/noArrayIndexKey: rules have no names, and their fields hold no state of their own.
            key={`${rule.kind} ${at}`}
            {...{ place, problems, rule, at }}
            last={at === rules.length - 1}
            move={(to) => move(at, to)}
            remove={() => setRules(rules.filter((_rule, index) => index !== at))}
            change={(next) => setRules(rules.map((before, index) => (index === at ? next : before)))}
          />
        ))}
      </ol>
      <AddRule
        add={(kind) => {
          const form = ruleForms.find((one) => one.kind === kind);
          if (form && rules.length < 20) setRules([...rules, blankRule(form, place)]);
        }}
      />
      {rules.length > 0 && (
        <Switch
          label="Rolling back needs the same"
          description="Off: going back to what was here before is free, so that a failure can be ended at once."
          checked={draft.rollbackGated}
          onChange={(event) => change({ ...draft, rollbackGated: event.currentTarget.checked })}
        />
      )}
      {rules.length > 0 && (
        <TextInput
          label="Roll back by itself when not Running within"
          description="As 10m or 2h, counted from the merge. Empty: what is merged stays, whatever becomes of it."
          placeholder="10m"
          maxLength={6}
          w="min(22rem, 100%)"
          value={rollbackAfter(draft)}
          error={problems.find(({ field }) => field?.includes('automaticRollback'))?.message}
          onChange={(event) => change(setRollbackAfter(draft, event.currentTarget.value.trim()))}
        />
      )}
    </Stack>
  );
}

function RuleCard(props: {
  readonly place: FormPlace;
  readonly problems: readonly Problem[];
  readonly rule: RuleDraft;
  readonly at: number;
  readonly last: boolean;
  readonly move: (to: number) => void;
  readonly remove: () => void;
  readonly change: (rule: RuleDraft) => void;
}) {
  const { rule, at, problems } = props;
  const form = ruleForms.find(({ kind }) => kind === rule.kind);
  const title = form?.title ?? rule.kind;
  const name = `rule ${at + 1}, ${title}`;
  return (
    <li className={classes.rule} tabIndex={-1} aria-label={name}>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <div className={classes.ruleWords}>
          <Text fw={600}>{title}</Text>
          {form && (
            <Text size="sm" c="dimmed">
              {form.lead}
            </Text>
          )}
        </div>
        <Group gap={4} wrap="nowrap">
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            disabled={at === 0}
            aria-label={`Move up ${name}`}
            onClick={() => props.move(at - 1)}
          >
            <IconArrowUp size={17} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            disabled={props.last}
            aria-label={`Move down ${name}`}
            onClick={() => props.move(at + 1)}
          >
            <IconArrowDown size={17} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="red"
            size="lg"
            aria-label={`Remove ${name}`}
            onClick={props.remove}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </Group>
      </Group>
      {form ? (
        <div className={classes.fields}>
          {form.fields.map((field) => (
            <RuleFieldInput
              key={field.name}
              place={props.place}
              field={field}
              value={rule[field.name]}
              error={problemOf(problems, at, field.name)}
              change={(value) => props.change(setField(rule, field.name, value, field.required))}
            />
          ))}
        </div>
      ) : (
        <>
          <pre className={classes.unknown}>{toYaml(rule)}</pre>
          <Text size="sm" c="dimmed">
            This form does not know the kind. It stays as it is; edit it as YAML.
          </Text>
        </>
      )}
    </li>
  );
}

function AddRule({ add }: { add: (kind: string) => void }) {
  return (
    <Menu position="bottom-start" width={340} shadow="md">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden="true" />}
          style={{ alignSelf: 'flex-start' }}
        >
          Add a rule
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflowY: 'auto', maxWidth: 'calc(100vw - 2rem)' }}>
        {ruleForms.map(({ kind, title, lead }) => (
          <Menu.Item key={kind} onClick={() => add(kind)}>
            <Text size="sm" fw={600}>
              {title}
            </Text>
            <Text size="xs" c="dimmed" style={{ whiteSpace: 'normal' }}>
              {lead}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
