import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Alert, List, Stack, Text } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { Section } from '../layout/Section.tsx';
import classes from './PullRequests.module.css';
import { conflictCommands, isProposal } from './pull-request-words.ts';

/** What both sides changed, and how to decide it on the command line. */
export function ConflictHelp({ detail }: { detail: PullRequestDetail }) {
  const { destination, conflicts } = detail;
  return (
    <Section title="Conflicts" flush>
      <Alert
        color="yellow"
        icon={<IconGitMerge size={18} />}
        title={`${destination} and this change both changed the same ${conflicts.length === 1 ? 'file' : 'files'}`}
      >
        <Stack gap="sm">
          <List size="sm">
            {conflicts.map((path) => (
              <List.Item key={path} className="mono" style={{ overflowWrap: 'anywhere' }}>
                {path}
              </List.Item>
            ))}
          </List>
          <Text size="sm">
            {isProposal(detail)
              ? `Make the change again from the console, on what ${destination} says now. Or decide by hand: the last command opens another pull request, and this one can be closed.`
              : `Bring ${destination} into the branch, decide in these files, and push.`}{' '}
            After git merge, edit the files, then commit:
          </Text>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
          <pre className={classes.commands} tabIndex={0}>
            {conflictCommands(detail, window.location.origin).join('\n')}
          </pre>
        </Stack>
      </Alert>
    </Section>
  );
}
