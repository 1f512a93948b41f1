import { Alert, List } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';

/** What forbids a change, or went wrong with it; each with the field or file that it is about. A chain keeps its lines. */
export function ProblemList(props: {
  readonly title: string;
  readonly problems: readonly { readonly message: string; readonly field?: string; readonly file?: string }[];
}) {
  if (props.problems.length === 0) return null;
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle size={18} />} title={props.title}>
      <List size="sm" spacing={4} listStyleType={props.problems.length === 1 ? 'none' : 'disc'}>
        {props.problems.map((problem) => (
          <List.Item
            key={`${problem.file ?? ''}${problem.field ?? ''}${problem.message}`}
            style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}
          >
            {(problem.file ?? problem.field) && (
              <span className="mono">{[problem.file, problem.field].filter(Boolean).join(' · ')}: </span>
            )}
            {problem.message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
