import { checkOrganizationSlug, type EnvType } from '@catalyst/model/names.ts';
import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { api } from '../api/api.ts';
import { ProblemError, problemsOf } from '../api/client.ts';
import { Failure } from '../feedback/Failure.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { useRights } from '../session/use-rights.ts';
import { EnvironmentTypeField } from './EnvironmentTypeField.tsx';
import classes from './Organizations.module.css';
import { slugOf } from './slug-of.ts';

/** A new Organization with its Environments. The rules of names are checked while typing. */
export function Component() {
  const { sovereignAdmin } = useRights();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [displayName, setDisplayName] = useState('');
  const [typedName, setTypedName] = useState<string>();
  const [environments, setEnvironments] = useState<EnvType[]>(['dev', 'prod']);
  const name = typedName ?? slugOf(displayName);
  const checked = checkOrganizationSlug(name);
  const creation = useMutation({
    mutationFn: () =>
      api.createOrganization({
        name,
        environments,
        ...(displayName.trim() === '' ? {} : { displayName: displayName.trim() }),
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['organizations'] });
      await client.invalidateQueries({ queryKey: ['me'] });
      await navigate(
        environments.length === 1 ? `/environments/${name}-${environments[0]}` : `/organizations/${name}`,
      );
    },
  });
  if (!sovereignAdmin)
    return (
      <Failure
        error={
          new ProblemError(403, 'Denied', 'Only an administrator of this Sovereign creates Organizations.')
        }
      />
    );

  const problems = creation.error ? problemsOf(creation.error) : [];
  const atName = problems.find((problem) => problem.field?.replace(/^\//, '') === 'name')?.message;
  const live = name === '' || checked.ok ? undefined : checked.problems[0]?.message;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (checked.ok) creation.mutate();
  };
  return (
    <>
      <PageHeader
        title="Create an Organization"
        crumbs={[{ label: 'Organizations', to: '/organizations' }]}
      />
      <form onSubmit={onSubmit} className={classes.form}>
        <Stack gap="lg">
          {problems.length > 0 && !atName && (
            <Alert color="red" role="alert" title="The Organization was not created">
              {problems.map((problem) => (
                <Text key={problem.message} size="sm">
                  {problem.message}
                </Text>
              ))}
            </Alert>
          )}
          <TextInput
            label="Display name"
            description="As people say it. It can be anything."
            placeholder="Acme Corporation"
            maxLength={80}
            value={displayName}
            onChange={(event) => setDisplayName(event.currentTarget.value)}
            data-autofocus
          />
          <TextInput
            label="Name"
            description="Part of addresses and repositories; it never changes. 3 to 32 lower-case letters, digits and hyphens."
            placeholder="acme"
            required
            spellCheck={false}
            autoCapitalize="none"
            value={name}
            error={atName ?? live}
            onChange={(event) => {
              creation.reset();
              setTypedName(event.currentTarget.value);
            }}
            classNames={{ input: 'mono' }}
          />
          <EnvironmentTypeField label="Environments" chosen={environments} change={setEnvironments} />
          <Text size="sm" c="dimmed" aria-live="polite">
            {environments.length === 0
              ? 'Without an Environment nothing can be installed yet. You can add one later.'
              : checked.ok
                ? `Creates ${environments.map((type) => `${name}-${type}`).join(', ')}.`
                : ' '}
          </Text>
          <Group gap="xs">
            <Button type="submit" disabled={!checked.ok} loading={creation.isPending}>
              Create Organization
            </Button>
            <Button component={Link} to="/organizations" variant="subtle">
              Cancel
            </Button>
          </Group>
        </Stack>
      </form>
    </>
  );
}
