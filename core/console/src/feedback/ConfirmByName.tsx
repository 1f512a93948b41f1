import { Button, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { messageOf } from '../api/client.ts';

/** Asks for the name of what is to be lost before it is lost. */
export function ConfirmByName(props: {
  readonly opened: boolean;
  readonly close: () => void;
  readonly title: string;
  readonly name: string;
  readonly action: string;
  readonly pending: boolean;
  readonly error: unknown;
  readonly ready?: boolean;
  readonly confirm: () => void;
  readonly children: ReactNode;
}) {
  const [typed, setTyped] = useState('');
  const matches = typed === props.name && props.ready !== false;
  const close = () => {
    setTyped('');
    props.close();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (matches) props.confirm();
  };
  return (
    <Modal opened={props.opened} onClose={close} title={props.title} size="lg">
      <form onSubmit={onSubmit}>
        <Stack>
          {props.children}
          <TextInput
            label={
              <>
                Type <Code>{props.name}</Code> to confirm
              </>
            }
            value={typed}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {props.error !== null && props.error !== undefined && (
            <Text c="red" size="sm" role="alert">
              {messageOf(props.error)}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" color="red" disabled={!matches} loading={props.pending}>
              {props.action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
