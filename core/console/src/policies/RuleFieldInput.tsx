import { MultiSelect, NumberInput, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { fromLocalField, toLocalField } from './moments.ts';
import type { FormPlace, RuleField } from './rule-forms.ts';
import { usePeopleOptions } from './use-people-options.ts';

interface Of {
  readonly place: FormPlace;
  readonly field: RuleField;
  readonly value: unknown;
  readonly error: string | undefined;
  readonly change: (value: unknown) => void;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
const listOf = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);

/** One field of a rule, in the way that is made for it, with what is wrong with it. */
export function RuleFieldInput(props: Of) {
  const { field, place, value, error, change } = props;
  const { label, description, placeholder, required } = field;
  // Not `required`: the browser would ask for text in a field whose values are chosen. The server says what is missing.
  const words = { label, description, error, withAsterisk: required };
  switch (field.widget) {
    case 'people':
    case 'approvers':
      return <PeopleInput {...props} />;
    case 'environment':
      return (
        <Select
          {...words}
          data={withPresent(
            place.environments.filter((name) => name !== place.environment),
            textOf(value),
          )}
          value={textOf(value) || null}
          nothingFoundMessage="There is no other Environment yet."
          onChange={(next) => change(next ?? '')}
        />
      );
    case 'zone':
      return (
        <Select
          {...words}
          data={withPresent(['UTC', ...Intl.supportedValuesOf('timeZone')], textOf(value))}
          searchable
          limit={60}
          value={textOf(value) || null}
          onChange={(next) => change(next ?? '')}
        />
      );
    case 'choice':
      return (
        <Select
          {...words}
          data={[...(field.choices ?? [])]}
          allowDeselect={!required}
          value={textOf(value) || null}
          onChange={(next) => change(next ?? '')}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...words}
          {...(field.minimum === undefined ? {} : { min: field.minimum })}
          {...(field.maximum === undefined ? {} : { max: field.maximum })}
          allowDecimal={false}
          maw="10rem"
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => change(typeof next === 'number' ? next : '')}
        />
      );
    case 'switch':
      return (
        <Switch
          {...{ label, description, error }}
          checked={value === true}
          onChange={(event) => change(event.currentTarget.checked)}
        />
      );
    case 'list':
      return (
        <TagsInput {...words} maxTags={20} value={listOf(value)} onChange={(next) => change([...next])} />
      );
    case 'moment':
      return (
        <TextInput
          {...words}
          type="datetime-local"
          value={toLocalField(value)}
          onChange={(event) => change(fromLocalField(event.currentTarget.value))}
        />
      );
    default:
      return (
        <TextInput
          {...words}
          {...(placeholder === undefined ? {} : { placeholder })}
          autoComplete="off"
          spellCheck={false}
          value={textOf(value)}
          onChange={(event) => change(event.currentTarget.value)}
        />
      );
  }
}

function PeopleInput({ place, field, value, error, change }: Of) {
  const named = listOf(value);
  const options = usePeopleOptions(place.organization, named, field.widget === 'approvers');
  const { label, description, required } = field;
  return (
    <MultiSelect
      {...{ label, description, error, withAsterisk: required }}
      data={options}
      searchable
      hidePickedOptions
      maxValues={20}
      value={named}
      onChange={(next) => change([...next])}
    />
  );
}

function withPresent(known: readonly string[], present: string): string[] {
  const all = present === '' || known.includes(present) ? known : [present, ...known];
  return [...new Set(all)];
}
