import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import { IconGitMerge, IconGitPullRequest, IconGitPullRequestClosed } from '@tabler/icons-react';
import classes from '../environments/StateBadge.module.css';

const looks = {
  open: { tone: 'green', word: 'Open', Icon: IconGitPullRequest },
  merged: { tone: 'purple', word: 'Merged', Icon: IconGitMerge },
  closed: { tone: 'red', word: 'Closed', Icon: IconGitPullRequestClosed },
} as const;

/** What became of a pull request, as glyph, colour and word. */
export function PullRequestBadge({ state }: { state: PullRequestSummary['state'] }) {
  const { tone, word, Icon } = looks[state];
  return (
    <span className={classes.badge} data-tone={tone}>
      <Icon size={14} aria-hidden="true" />
      <span>{word}</span>
    </span>
  );
}
