import { type TeamView, teamNamePattern } from '@catalyst/model/api/teams.ts';
import { Button, Group, Modal, MultiSelect, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { problemsOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { titleOfRole } from '../organizations/roles.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { teamsApi, teamsQuery } from './teams-api.ts';

const pattern = new RegExp(teamNamePattern);

/** Makes a team, or changes who is in it. */
export function TeamDialog(props: {
  readonly organization: string;
  readonly team: TeamView | undefined;
  readonly taken: readonly string[];
  readonly close: () => void;
}) {
  const { organization, team, close } = props;
  useReturnFocus();
  const people = useQuery(queries.members(organization)).data?.items ?? [];
  const [name, setName] = useState(team?.name ?? '');
  const [description, setDescription] = useState(team?.description ?? '');
  const [members, setMembers] = useState((team?.members ?? []).map(({ id }) => id));
  const client = useQueryClient();
  const saving = useMutation({
    mutationFn: () =>
      teamsApi.put(organization, name, {
        ...(description.trim() === '' ? {} : { description: description.trim() }),
        members,
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: teamsQuery(organization).queryKey });
      close();
    },
  });
  const wrong = team ? undefined : whatIsWrong(name, props.taken);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong === undefined) saving.mutate();
  };
  return (
    <Modal
      opened
      onClose={close}
      returnFocus={false}
      title={team ? `Edit the team ${team.name}` : 'Create a team'}
      size="lg"
    >
      <form onSubmit={onSubmit}>
        <Stack>
          {!team && (
            <TextInput
              label="Name"
              description={`Lower case, as security. Written @${organization}/${name || 'security'} in CODEOWNERS.`}
              required
              maxLength={40}
              autoCapitalize="off"
              spellCheck={false}
              data-autofocus
              value={name}
              error={name === '' ? undefined : wrong}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          )}
          <TextInput
            label="Description"
            maxLength={300}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <MultiSelect
            label="Members"
            description="Viewers can be in a team, but do not approve."
            placeholder={members.length === 0 ? 'Choose people' : undefined}
            data={people.map(({ user, role }) => ({
              value: user.id,
              label: `${user.name} (${titleOfRole(role)})`,
            }))}
            searchable
            hidePickedOptions
            nothingFoundMessage="No member of that name"
            value={members}
            onChange={setMembers}
          />
          {saving.error && <ProblemList title="It was not saved" problems={problemsOf(saving.error)} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" disabled={name === '' || wrong !== undefined} loading={saving.isPending}>
              {team ? 'Save' : 'Create team'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function whatIsWrong(name: string, taken: readonly string[]): string | undefined {
  if (taken.includes(name)) return 'There is a team of this name.';
  return pattern.test(name)
    ? undefined
    : '2 to 40 lower-case letters, digits and single hyphens; a letter first.';
}
