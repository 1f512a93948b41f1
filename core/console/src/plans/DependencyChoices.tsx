import { checkApplicationName } from '@catalyst/model/names.ts';
import type { DependencyChoice, Plan } from '@catalyst/model/views/plan.ts';
import { Radio, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { BlueprintIcon } from '../marketplace/BlueprintIcon.tsx';
import { useBlueprintCards } from '../marketplace/use-blueprint-cards.ts';
import { type ChoiceNode, toChoiceTree } from './choice-tree.ts';
import classes from './DependencyChoices.module.css';

type Choice = Plan['choices'][number];
type Choices = Readonly<Record<string, DependencyChoice>>;

/** For each dependency, at any depth: an Application that fits and exists already, or a new one. */
export function DependencyChoices(props: {
  readonly plan: Plan;
  readonly choices: Choices;
  readonly choose: (choices: Choices) => void;
  readonly disabled: boolean;
  /** Of a promotion: the Environment that it leads to. What is new there is promoted along. */
  readonly promotedInto?: string;
}) {
  return <Level nodes={toChoiceTree(props.plan.choices)} {...props} />;
}

function Level(
  props: Parameters<typeof DependencyChoices>[0] & { readonly nodes: readonly ChoiceNode<Choice>[] },
) {
  const { nodes, ...rest } = props;
  const made = new Set(
    props.plan.applications.filter((part) => part.change === 'create').map((part) => part.application),
  );
  return (
    <ul className={classes.level}>
      {nodes.map(({ choice, askedBy, below }) => (
        <li key={choice.alias} className={classes.node}>
          <OneDependency
            choice={choice}
            askedBy={askedBy}
            made={made}
            disabled={props.disabled}
            promotedInto={props.promotedInto}
            problem={
              props.plan.problems.find((problem) => problem.field === `dependencies.${choice.alias}`)?.message
            }
            choose={(chosen) => props.choose({ ...props.choices, [choice.alias]: chosen })}
          />
          {below.length > 0 && <Level {...rest} nodes={below} />}
        </li>
      ))}
    </ul>
  );
}

function OneDependency(props: {
  choice: Choice;
  askedBy: string;
  made: ReadonlySet<string>;
  disabled: boolean;
  promotedInto: string | undefined;
  problem: string | undefined;
  choose: (chosen: DependencyChoice) => void;
}) {
  const { choice, promotedInto } = props;
  const { chosen } = choice;
  const promoting = promotedInto !== undefined;
  const cards = useBlueprintCards();
  const card = cards.get(choice.blueprint);
  const title = card?.title ?? choice.blueprint.replace(/^bp-/, '');
  const value = chosen.use === 'new' ? 'new' : `existing/${chosen.application}`;
  return (
    <div className={classes.box}>
      <BlueprintIcon name={choice.blueprint} icon={card?.icon} size={36} />
      <Radio.Group
        className={classes.words}
        label={
          <>
            {title}{' '}
            <Text span c="dimmed" size="sm" className="mono">
              {choice.version}
            </Text>
          </>
        }
        description={
          <>
            as <span className="mono">{choice.alias}</span>
            {props.askedBy === '' ? '' : ', needed by '}
            {props.askedBy !== '' && <span className="mono">{props.askedBy}</span>}
          </>
        }
        error={props.problem}
        value={value}
        onChange={(next) =>
          props.choose(
            next === 'new'
              ? { use: 'new' }
              : { use: 'existing', application: next.slice('existing/'.length) },
          )
        }
      >
        <Stack gap="xs" mt="xs">
          {choice.existing.map((application) => (
            <Radio
              key={application}
              value={`existing/${application}`}
              disabled={props.disabled}
              label={promoting ? `The one that ${promotedInto} has: ${application}` : `Use ${application}`}
              description={
                props.made.has(application)
                  ? 'This plan makes it.'
                  : 'It runs already. Its data stays apart from what others keep there.'
              }
            />
          ))}
          {!promoting && (
            <Radio
              value="new"
              disabled={props.disabled}
              label={`A new ${title}`}
              description={
                choice.existing.length === 0
                  ? 'There is none in this Environment that fits.'
                  : 'Only for this Application.'
              }
            />
          )}
          {promoting && choice.newName !== '' && (
            <Radio
              value="new"
              disabled={props.disabled}
              label={`Promote ${choice.newName} along`}
              description="It is merged first, and begins there with data and secrets of its own."
            />
          )}
          {chosen.use === 'new' && !promoting && (
            <NewName
              key={choice.newName}
              name={chosen.name ?? choice.newName}
              disabled={props.disabled}
              rename={(name) => props.choose(name === choice.newName ? { use: 'new' } : { ...chosen, name })}
            />
          )}
        </Stack>
      </Radio.Group>
    </div>
  );
}

function NewName({
  name,
  disabled,
  rename,
}: {
  name: string;
  disabled: boolean;
  rename: (name: string) => void;
}) {
  const [typed, setTyped] = useState(name);
  const checked = checkApplicationName(typed);
  const finish = () => {
    if (checked.ok && typed !== name) rename(typed);
  };
  return (
    <TextInput
      label="Its name"
      size="xs"
      maw={320}
      ml={32}
      maxLength={40}
      value={typed}
      disabled={disabled}
      error={checked.ok ? undefined : checked.problems[0]?.message}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === 'Enter') finish();
      }}
      classNames={{ input: 'mono' }}
    />
  );
}
