import type { ChangeView } from '@catalyst/model/api/history.ts';
import { Button, Menu, Text, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconChevronDown } from '@tabler/icons-react';
import { useId } from 'react';
import { waysBack } from '../history/ways-back.ts';

/** What of an earlier revision is brought back. */
export type WayBack = 'rollback' | 'settings';

const look = {
  variant: 'subtle',
  color: 'gray',
  size: 'compact-sm',
  fw: 500,
  leftSection: <IconArrowBackUp size={15} />,
} as const;

const words = { rollback: 'Roll back to this', settings: 'Restore these settings' } as const;

/** Leads to what can be brought back of a revision; where nothing can, it says why, to the eye and to the ear. */
export function GoBackButton({ change, open }: { change: ChangeView; open: (way: WayBack) => void }) {
  const { ways, whyNot } = waysBack(change.rollback);
  const [way, other] = ways;
  if (!way) return <Impossible whyNot={whyNot} />;
  if (!other)
    return (
      <Button {...look} onClick={() => open(way)}>
        {words[way]}
      </Button>
    );
  return (
    <Menu position="bottom-start" width={320}>
      <Menu.Target>
        <Button {...look} rightSection={<IconChevronDown size={14} />}>
          Go back to this
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => open('rollback')}>
          {words.rollback}
          <Text size="xs" c="dimmed">
            Brings back version and shared configuration, and holds them there. The settings stay.
          </Text>
        </Menu.Item>
        <Menu.Item onClick={() => open('settings')}>
          {words.settings}
          <Text size="xs" c="dimmed">
            Brings back what {change.environment} alone sets. Version and shared configuration stay.
          </Text>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Impossible({ whyNot }: { whyNot: string }) {
  const id = useId();
  return (
    <>
      <Tooltip label={whyNot} multiline maw={320}>
        <Button
          {...look}
          data-disabled
          aria-disabled
          aria-describedby={id}
          onClick={(event) => event.preventDefault()}
        >
          {words.rollback}
        </Button>
      </Tooltip>
      <span id={id} className="visually-hidden">
        {whyNot}
      </span>
    </>
  );
}
