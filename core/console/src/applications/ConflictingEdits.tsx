import { Alert, Button, Group, Radio, Stack, Text } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { useState } from 'react';
import type { EditConflict } from '../configuration/merge-edits.ts';
import classes from './Settings.module.css';
import { toYaml } from './to-yaml.ts';

/** Fields that somebody else changed as well: both sides, to choose from. */
export function ConflictingEdits(props: {
  readonly conflicts: readonly EditConflict[];
  readonly settle: (takeTheirs: ReadonlySet<string>) => void;
  readonly discard: () => void;
}) {
  const [taken, setTaken] = useState<Readonly<Record<string, 'mine' | 'theirs'>>>({});
  const open = props.conflicts.filter((conflict) => taken[conflict.path] === undefined);
  return (
    <Alert
      color="yellow"
      role="alert"
      icon={<IconGitMerge size={18} />}
      title="Somebody else changed the same fields"
    >
      <Text size="sm" mb="sm">
        Choose for each which value counts. What only one of you changed is kept either way.
      </Text>
      <Stack gap="md">
        {props.conflicts.map((conflict) => (
          <Radio.Group
            key={conflict.path}
            label={<span className="mono">{conflict.path}</span>}
            value={taken[conflict.path] ?? ''}
            onChange={(side) =>
              setTaken({ ...taken, [conflict.path]: side === 'theirs' ? 'theirs' : 'mine' })
            }
          >
            <div className={classes.sides}>
              <Radio value="mine" label="Mine" description={<Value value={conflict.mine} />} />
              <Radio value="theirs" label="Theirs" description={<Value value={conflict.theirs} />} />
            </div>
          </Radio.Group>
        ))}
        <Group gap="xs">
          <Button
            size="xs"
            disabled={open.length > 0}
            onClick={() =>
              props.settle(new Set(Object.keys(taken).filter((path) => taken[path] === 'theirs')))
            }
          >
            Go on with these
          </Button>
          <Button size="xs" variant="default" onClick={props.discard}>
            Discard mine
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function Value({ value }: { value: unknown }) {
  if (value === undefined) return <span>not set</span>;
  const text = typeof value === 'string' && value !== '' ? value : toYaml(value).trimEnd();
  return <span className={classes.value}>{text.length > 400 ? `${text.slice(0, 400)}…` : text}</span>;
}
