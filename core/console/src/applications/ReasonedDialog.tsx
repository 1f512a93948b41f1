import type { PlanRequest } from '@catalyst/model/views/plan.ts';
import { Button, Group, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, type RefObject, useState } from 'react';
import { PlanDialog } from '../plans/PlanDialog.tsx';

/** A change that wants a reason for those who read the history: first the reason, then its plan, then the change. */
export function ReasonedDialog(props: {
  readonly environment: string;
  readonly title: string;
  readonly action: string;
  readonly label: string;
  readonly lead: ReactNode;
  readonly danger?: boolean;
  readonly request: (reason: string) => PlanRequest;
  readonly opener?: RefObject<HTMLElement | null>;
  readonly close: () => void;
  readonly done: () => void;
}) {
  const [typed, setTyped] = useState('');
  const [request, setRequest] = useState<PlanRequest>();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() !== '') setRequest(props.request(typed.trim()));
  };
  return (
    <PlanDialog
      environment={props.environment}
      request={request}
      title={props.title}
      action={props.action}
      danger={props.danger === true}
      close={props.close}
      done={props.done}
      {...(props.opener ? { opener: props.opener } : {})}
    >
      <form onSubmit={onSubmit}>
        <Text size="sm" mb="md">
          {props.lead}
        </Text>
        <TextInput
          label={props.label}
          description="One line, kept in the history."
          required
          maxLength={500}
          value={typed}
          autoComplete="off"
          data-autofocus
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setRequest(undefined);
          }}
        />
        {request === undefined && (
          <Group justify="flex-end" gap="xs" mt="md">
            <Button variant="default" onClick={props.close}>
              Cancel
            </Button>
            <Button type="submit" disabled={typed.trim() === ''}>
              Review the plan
            </Button>
          </Group>
        )}
      </form>
    </PlanDialog>
  );
}
