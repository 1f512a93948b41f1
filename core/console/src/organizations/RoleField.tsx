import type { Role } from '@catalyst/model/api/identity.ts';
import { Checkbox, Group, Radio, Stack } from '@mantine/core';
import { roles } from './roles.ts';

/** What a membership is to be: a role, and for a developer perhaps only some Environments (empty: all). */
export interface RoleChoice {
  readonly role: Role;
  readonly environments: readonly string[];
}

/** As the API takes it: the limit only where it means something. */
export function toMembership(choice: RoleChoice): { role: Role; environments?: string[] } {
  return choice.role === 'org-developer' && choice.environments.length > 0
    ? { role: choice.role, environments: [...choice.environments] }
    : { role: choice.role };
}

/** Choice of a role with what each may do. */
export function RoleField(props: {
  readonly value: RoleChoice;
  readonly environments: readonly string[];
  readonly change: (value: RoleChoice) => void;
}) {
  return (
    <Stack>
      <Radio.Group
        label="Role"
        value={props.value.role}
        onChange={(role) => props.change({ ...props.value, role: role as Role })}
      >
        <Stack gap="xs" mt={6}>
          {roles.map((role) => (
            <Radio key={role.value} value={role.value} label={role.title} description={role.explanation} />
          ))}
        </Stack>
      </Radio.Group>
      {props.value.role === 'org-developer' && props.environments.length > 1 && (
        <Checkbox.Group
          label="Only in these Environments"
          description="None chosen: all of them, future ones too."
          value={[...props.value.environments]}
          onChange={(environments) => props.change({ ...props.value, environments })}
        >
          <Group gap="md" mt={6}>
            {props.environments.map((environment) => (
              <Checkbox key={environment} value={environment} label={environment} />
            ))}
          </Group>
        </Checkbox.Group>
      )}
    </Stack>
  );
}
