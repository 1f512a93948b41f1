import type { Problem } from '@catalyst/model/problem.ts';
import { Alert, Button, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';

/** What stands in the way of single Applications of a set, each with the way out. */
export function ApplicationProblems(props: {
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
  readonly leaveOut: (application: string) => void;
}) {
  return [...props.problems].map(([application, problems]) => (
    <Alert
      key={application}
      color="red"
      role="alert"
      icon={<IconAlertTriangle size={18} />}
      title={`${application} cannot be promoted now`}
    >
      {problems.map(({ message }) => (
        <Text key={message} size="sm">
          {message}
        </Text>
      ))}
      <Button variant="default" size="xs" mt="xs" onClick={() => props.leaveOut(application)}>
        Leave {application} out
      </Button>
    </Alert>
  ));
}
