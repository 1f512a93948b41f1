import type { Problem } from '@catalyst/model/problem.ts';
import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { problemsOf, statusOf } from '../api/client.ts';

/** What a new person types in. */
export interface Credentials {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

const minimumLength = 12;

/** Name, e-mail and password of a new person; hands them over and shows what was wrong with them at the field. */
export function CredentialsForm(props: {
  readonly askEmail: boolean;
  readonly nameRequired: boolean;
  readonly action: string;
  readonly submit: (credentials: Credentials) => Promise<unknown>;
  readonly done: () => void;
}) {
  const [values, setValues] = useState<Credentials>({ name: '', email: '', password: '' });
  const [early, setEarly] = useState<string>();
  const attempt = useMutation({ mutationFn: props.submit, onSuccess: props.done });
  const problems = attempt.error ? problemsOf(attempt.error) : [];
  const fieldOf = (problem: Problem) => problem.field?.replaceAll('/', '') ?? '';
  const at = (field: string) => problems.find((problem) => fieldOf(problem) === field)?.message;
  // What has no input here (the link's token) is said above the form.
  const drawn = ['name', 'password', ...(props.askEmail ? ['email'] : [])];
  const elsewhere = problems.filter((problem) => !drawn.includes(fieldOf(problem)));
  const set = (change: Partial<Credentials>) => setValues((before) => ({ ...before, ...change }));

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (Array.from(values.password).length < minimumLength) {
      setEarly(`A password has at least ${minimumLength} characters.`);
      return;
    }
    setEarly(undefined);
    attempt.mutate(values);
  };

  return (
    <form onSubmit={onSubmit} noValidate={false}>
      <Stack>
        {elsewhere.length > 0 && (
          <Alert color="red" role="alert" title={titleOf(attempt.error, elsewhere)}>
            {elsewhere.map((problem) => (
              <Text key={problem.message} size="sm">
                {problem.message}
              </Text>
            ))}
          </Alert>
        )}
        <TextInput
          label="Your name"
          name="name"
          autoComplete="name"
          required={props.nameRequired}
          maxLength={80}
          value={values.name}
          error={at('name')}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        {props.askEmail && (
          <TextInput
            label="E-mail"
            name="email"
            type="email"
            autoComplete="username"
            required
            maxLength={254}
            value={values.email}
            error={at('email')}
            onChange={(event) => set({ email: event.currentTarget.value })}
          />
        )}
        <PasswordInput
          label="Password"
          name="password"
          description="At least 12 characters. A few words in a row are a good one."
          autoComplete="new-password"
          required
          maxLength={200}
          value={values.password}
          error={early ?? at('password')}
          onChange={(event) => set({ password: event.currentTarget.value })}
        />
        <Button type="submit" size="md" mt="xs" loading={attempt.isPending}>
          {props.action}
        </Button>
      </Stack>
    </form>
  );
}

function titleOf(error: unknown, problems: readonly Problem[]): string {
  if (problems.some((problem) => problem.code.startsWith('Link'))) return 'This link does not work';
  if (statusOf(error) === 410) return 'This link can no longer be used';
  if (statusOf(error) === 404 || statusOf(error) === 401) return 'This link is not valid';
  return 'That did not work';
}
