import { ActionIcon, Button, PasswordInput, Switch, Text, Textarea } from '@mantine/core';
import type {
  ArrayFieldItemTemplateProps,
  ArrayFieldTemplateProps,
  TemplatesType,
  WidgetProps,
} from '@rjsf/utils';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useLayoutEffect, useRef } from 'react';
import classes from './ConfigurationForm.module.css';
import { ObjectFields } from './ObjectFields.tsx';

/** Errors of a list or a group, which has no input that could show them. */
export function GroupErrors({ errors }: { errors: readonly string[] | undefined }) {
  return (errors ?? []).map((error) => (
    <Text key={error} size="sm" c="var(--mantine-color-error)">
      {error}
    </Text>
  ));
}

function ListField(props: ArrayFieldTemplateProps) {
  const { items, canAdd, disabled, readonly, onAddClick, schema, title, fieldPathId, rawErrors } = props;
  const nested = fieldPathId.path.length > 1;
  const name = (title || 'entry').toLowerCase();
  const list = useRef<HTMLDivElement>(null);
  /** How many there were when one was added, until it is there. */
  const addedTo = useRef<number>(undefined);
  // Whoever adds an entry fills it next; the keyboard need not go back for it. Done as the entry appears, and not later: a
  // focus that moves on its own takes what is being typed elsewhere.
  useLayoutEffect(() => {
    if (addedTo.current === undefined || items.length <= addedTo.current) return;
    addedTo.current = undefined;
    focusLastEntry(list.current);
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a grid with the same look everywhere.
    <div ref={list} className={classes.list} id={fieldPathId.$id} role="group" aria-label={title}>
      {nested && title && (
        <div>
          <Text fw={550} size="sm">
            {title}
          </Text>
          {schema.description && (
            <Text size="sm" c="dimmed">
              {schema.description}
            </Text>
          )}
        </div>
      )}
      <GroupErrors errors={rawErrors} />
      {items}
      {canAdd && !disabled && !readonly && (
        <div>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            onClick={(event) => {
              addedTo.current = items.length;
              onAddClick(event);
            }}
            aria-label={`Add an entry to ${name}`}
          >
            Add
          </Button>
        </div>
      )}
    </div>
  );
}

function focusLastEntry(list: HTMLElement | null): void {
  const entries = [...(list?.children ?? [])].filter((child) => child.matches('[data-entry]'));
  entries.at(-1)?.querySelector<HTMLElement>('input, textarea, select')?.focus();
}

function ListItem(props: ArrayFieldItemTemplateProps) {
  const { children, buttonsProps, hasToolbar, index, itemKey } = props;
  const {
    hasMoveUp,
    hasMoveDown,
    hasRemove,
    onMoveUpItem,
    onMoveDownItem,
    onRemoveItem,
    disabled,
    readonly,
  } = buttonsProps;
  const fixed = disabled === true || readonly === true;
  return (
    <div className={classes.item} key={itemKey} data-entry>
      <div className={classes.itemFields}>{children}</div>
      {hasToolbar && !fixed && (
        <div className={classes.itemTools}>
          {hasMoveUp && (
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={onMoveUpItem}
              aria-label={`Move entry ${index + 1} up`}
            >
              <IconArrowUp size={15} />
            </ActionIcon>
          )}
          {hasMoveDown && (
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={onMoveDownItem}
              aria-label={`Move entry ${index + 1} down`}
            >
              <IconArrowDown size={15} />
            </ActionIcon>
          )}
          {hasRemove && (
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={onRemoveItem}
              aria-label={`Remove entry ${index + 1}`}
            >
              <IconTrash size={15} />
            </ActionIcon>
          )}
        </div>
      )}
    </div>
  );
}

function errorOf(props: WidgetProps): string | undefined {
  return props.rawErrors && props.rawErrors.length > 0 ? props.rawErrors.join(' ') : undefined;
}

function shared(props: WidgetProps) {
  const { id, label, hideLabel, required, disabled, readonly, schema, options } = props;
  return {
    id,
    name: props.htmlName ?? id,
    label: hideLabel ? undefined : label,
    'aria-label': hideLabel ? String(options['aria-label'] ?? label) : undefined,
    description: hideLabel ? undefined : (options.description ?? schema.description),
    required: required === true,
    disabled: disabled === true || readonly === true,
    error: errorOf(props),
  };
}

function SwitchWidget(props: WidgetProps) {
  return (
    <Switch
      {...shared(props)}
      required={false}
      checked={props.value === true}
      onChange={(event) => props.onChange(event.currentTarget.checked)}
    />
  );
}

function MultilineWidget(props: WidgetProps) {
  return (
    <Textarea
      {...shared(props)}
      autosize
      minRows={4}
      maxRows={20}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      value={typeof props.value === 'string' ? props.value : ''}
      onChange={(event) =>
        props.onChange(
          event.currentTarget.value === '' ? props.options.emptyValue : event.currentTarget.value,
        )
      }
    />
  );
}

function SecretWidget(props: WidgetProps) {
  return (
    <PasswordInput
      {...shared(props)}
      autoComplete="off"
      value={typeof props.value === 'string' ? props.value : ''}
      onChange={(event) =>
        props.onChange(
          event.currentTarget.value === '' ? props.options.emptyValue : event.currentTarget.value,
        )
      }
    />
  );
}

/** How the parts of a form are laid out. */
export const templates: Partial<TemplatesType> = {
  ObjectFieldTemplate: ObjectFields,
  ArrayFieldTemplate: ListField,
  ArrayFieldItemTemplate: ListItem,
};

/** Inputs that differ from the library's own. */
export const widgets = {
  CheckboxWidget: SwitchWidget,
  TextareaWidget: MultilineWidget,
  PasswordWidget: SecretWidget,
};
