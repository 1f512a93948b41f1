import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';

const offeredMs = 30_000;

/** Says what was done, and for a while offers to take it back. */
export function offerUndo(done: { readonly message: string; readonly undo: () => void }): void {
  const id = notifications.show({
    autoClose: offeredMs,
    message: (
      <Group gap="sm" justify="space-between">
        <span>{done.message}</span>
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => {
            notifications.hide(id);
            done.undo();
          }}
        >
          Undo
        </Button>
      </Group>
    ),
  });
}

/** Where the plan of taking back an applied plan is shown. */
export function undoPath(environment: string, plan: string): string {
  return `/environments/${environment}?undo=${encodeURIComponent(plan)}`;
}
