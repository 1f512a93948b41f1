import type { EnvironmentSize } from '@catalyst/model/resources/organization.ts';
import { Radio, Stack } from '@mantine/core';

const sizes: readonly { size: EnvironmentSize; label: string; about: string }[] = [
  { size: 'small', label: 'Small', about: 'What the Blueprint says by itself.' },
  {
    size: 'medium',
    label: 'Medium',
    about: 'Where the Blueprint has such a preset: more room, more copies.',
  },
  { size: 'large', label: 'Large', about: 'The most that the Blueprint has a preset for.' },
];

/** Choice of the preset that Blueprints begin with in an Environment. */
export function SizeField(props: {
  readonly size: EnvironmentSize;
  readonly change: (size: EnvironmentSize) => void;
}) {
  return (
    <Radio.Group
      label="Size"
      description="What a promotion brings here for the first time begins with the Blueprint's preset of this size. It can be changed afterwards."
      value={props.size}
      onChange={(size) => props.change(size as EnvironmentSize)}
    >
      <Stack gap="xs" mt="xs">
        {sizes.map(({ size, label, about }) => (
          <Radio key={size} value={size} label={label} description={about} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
