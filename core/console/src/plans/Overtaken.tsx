import { Alert, Button, List } from '@mantine/core';
import { problemsOf } from '../api/client.ts';
import { distinctMessages } from './plan-words.ts';

/** Says what moved under a plan, and offers a new one. */
export function Overtaken({ error, again }: { error: unknown; again: () => void }) {
  const messages = distinctMessages(problemsOf(error));
  return (
    <Alert color="yellow" role="alert" title="Something changed in the meantime. Nothing was done.">
      {messages.length > 1 ? (
        <List size="sm" spacing={2}>
          {messages.map((message) => (
            <List.Item key={message}>{message}</List.Item>
          ))}
        </List>
      ) : (
        messages[0]
      )}
      {/* The button that had the focus can no longer be used, and this may lie out of sight. */}
      <Button variant="default" size="xs" mt="xs" display="block" onClick={again} autoFocus>
        Make a new plan
      </Button>
    </Alert>
  );
}
