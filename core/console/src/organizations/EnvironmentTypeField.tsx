import { branchOf, type EnvType } from '@catalyst/model/names.ts';
import { Checkbox, Text } from '@mantine/core';
import { environmentTypes } from './environment-types.ts';
import classes from './Organizations.module.css';

/** Choice of Environment types, each with what it is for; `taken` ones exist already. */
export function EnvironmentTypeField(props: {
  readonly label: string;
  readonly chosen: readonly EnvType[];
  readonly taken?: readonly string[];
  readonly change: (chosen: EnvType[]) => void;
}) {
  return (
    <Checkbox.Group
      label={props.label}
      value={[...props.chosen]}
      onChange={(value) => props.change(value as EnvType[])}
    >
      <div className={classes.types}>
        {environmentTypes.map(({ type, title, explanation }) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside it.
          <label key={type} className={classes.type}>
            <Checkbox
              value={type}
              disabled={props.taken?.includes(type) === true}
              aria-describedby={`about-${type}`}
            />
            <span>
              <Text span fw={600} size="sm">
                {title}{' '}
                <Text span c="dimmed" className="mono" inherit>
                  {type}
                </Text>
              </Text>
              <Text size="sm" c="dimmed" id={`about-${type}`}>
                {props.taken?.includes(type) ? 'Exists already.' : explanation} Branch{' '}
                <span className="mono">{branchOf(type)}</span>.
              </Text>
            </span>
          </label>
        ))}
      </div>
    </Checkbox.Group>
  );
}
