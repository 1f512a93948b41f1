import { Button, Text } from '@mantine/core';
import type { ObjectFieldTemplateProps, RJSFSchema } from '@rjsf/utils';
import { canExpand } from '@rjsf/utils';
import { IconChevronRight, IconPlus } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import classes from './ConfigurationForm.module.css';
import { holdsErrors } from './field-problems.ts';

type Property = ObjectFieldTemplateProps['properties'][number];

/**
 * Lays out the fields of an object. At the top of the form, lists and groups can be folded, so that what most people set stands
 * alone; a group that is switched by its own `enabled` shows its other fields once it is on.
 */
export function ObjectFields(props: ObjectFieldTemplateProps) {
  const { fieldPathId, schema, formData, title, description, errorSchema, registry } = props;
  const depth = fieldPathId.path.length;
  const shown = visible(props).filter((property) => !property.hidden);
  const errors = (errorSchema?.__errors ?? []).map((error) => (
    <Text key={error} size="sm" c="var(--mantine-color-error)">
      {error}
    </Text>
  ));
  if (depth === 0) {
    const isCompound = (property: Property) =>
      compound(childSchema(schema, property.name, registry.rootSchema));
    const simple = shown.filter((property) => !isCompound(property));
    const isSwitch = (property: Property) =>
      childSchema(schema, property.name, registry.rootSchema)?.type === 'boolean';
    return (
      <div className={classes.root} id={fieldPathId.$id}>
        {errors}
        <div className={classes.fields}>
          {simple
            .filter((property) => !isSwitch(property))
            .map((property) => (
              <div key={property.name}>{property.content}</div>
            ))}
        </div>
        {simple.some(isSwitch) && (
          <div className={classes.fields}>
            {simple.filter(isSwitch).map((property) => (
              <div key={property.name}>{property.content}</div>
            ))}
          </div>
        )}
        {shown.filter(isCompound).map((property) => (
          <Fold
            key={property.name}
            schema={childSchema(schema, property.name, registry.rootSchema)}
            name={property.name}
            value={(formData as Record<string, unknown> | undefined)?.[property.name]}
            wrong={holdsErrors(errorSchema?.[property.name])}
          >
            {property.content}
          </Fold>
        ))}
      </div>
    );
  }
  const inList = typeof fieldPathId.path.at(-1) === 'number';
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a grid with the same look everywhere.
    <div
      className={inList ? classes.inline : classes.fields}
      id={fieldPathId.$id}
      role="group"
      aria-label={title}
    >
      {depth > 1 && !inList && title && (
        <div className={classes.wide}>
          <Text fw={550} size="sm">
            {title}
          </Text>
          {description && (
            <Text size="sm" c="dimmed">
              {description}
            </Text>
          )}
        </div>
      )}
      {errors.length > 0 && <div className={classes.wide}>{errors}</div>}
      {shown.map((property) => (
        <div key={property.name}>{property.content}</div>
      ))}
      {!props.disabled && !props.readonly && canExpand(schema, props.uiSchema, formData) && (
        <div className={classes.wide}>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            onClick={props.onAddProperty}
          >
            Add
          </Button>
        </div>
      )}
    </div>
  );
}

function visible({ properties, schema, formData, fieldPathId }: ObjectFieldTemplateProps): Property[] {
  const switched = childSchema(schema, 'enabled', schema)?.type === 'boolean' && fieldPathId.path.length > 0;
  const on = (formData as { enabled?: unknown } | undefined)?.enabled === true;
  return switched && !on ? properties.filter((property) => property.name === 'enabled') : properties;
}

function childSchema(schema: RJSFSchema, name: string, root: RJSFSchema): RJSFSchema | undefined {
  const child = schema.properties?.[name];
  if (typeof child !== 'object') return undefined;
  const reference = /^#?\/?(\$defs|definitions)\/([^/]+)$/.exec(child.$ref?.replace(/^#\//, '') ?? '');
  const target = reference?.[1] === '$defs' ? root.$defs : root.definitions;
  const found = reference?.[2] === undefined ? undefined : target?.[reference[2]];
  return typeof found === 'object' ? { ...found, ...child } : child;
}

function compound(schema: RJSFSchema | undefined): boolean {
  return (
    schema?.type === 'object' ||
    schema?.type === 'array' ||
    schema?.oneOf !== undefined ||
    schema?.anyOf !== undefined
  );
}

function Fold(props: {
  schema: RJSFSchema | undefined;
  name: string;
  value: unknown;
  wrong: boolean;
  children: ReactNode;
}) {
  const { schema, name, value, wrong } = props;
  const [chosen, setChosen] = useState<boolean>();
  const [filledAtFirst] = useState(Array.isArray(value) && value.length > 0 && value.length <= 10);
  const open = chosen ?? (wrong || filledAtFirst);
  return (
    <details
      className={classes.fold}
      open={open || wrong}
      onToggle={(event) => {
        const next = event.currentTarget.open;
        if (next !== open) setChosen(next);
      }}
    >
      <summary className={classes.summary}>
        <IconChevronRight size={16} className={classes.arrow} aria-hidden="true" />
        <span className={classes.summaryWords}>
          <span className={classes.summaryTitle}>{schema?.title ?? name}</span>
          {schema?.description && <span className={classes.summaryLead}>{schema.description}</span>}
        </span>
        <span className={classes.summaryState} data-wrong={wrong}>
          {wrong ? 'to be corrected' : summaryOf(value)}
        </span>
      </summary>
      <div className={classes.foldBody}>{props.children}</div>
    </details>
  );
}

function summaryOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : String(value.length);
  if (value !== null && typeof value === 'object' && 'enabled' in value)
    return value.enabled === true ? 'on' : 'off';
  return '';
}
