import { codes, type Problem } from '@catalyst/model/problem.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import { contentKey } from './decisions.ts';

/** What somebody looked at before he acts on a pull request. */
export interface Seen {
  readonly head: string;
  readonly content?: string | undefined;
}

type Present = Pick<PullRequest, 'head' | 'promotion' | 'environment'>;

/** The refusal where the head is another one than was read. */
export function movedHead(head: string, seen: string): Problem {
  return {
    code: codes.Stale,
    message: `The pull request moved on from ${seen.slice(0, 10)} to ${head.slice(0, 10)}. Look at what is new first.`,
  };
}

/** Why what was read is not what the pull request carries now; undefined: it is, as far as the reader says what he read. */
export function whyStale(pullRequest: Present, { head, content }: Seen): Problem | undefined {
  if (pullRequest.head !== head) return movedHead(pullRequest.head, head);
  return content === undefined || content === contentKey(pullRequest) ? undefined : otherContent(pullRequest);
}

/**
 * The same for who approves or merges. A promotion has several contents at one head, so he must say which one he read: nobody answers for
 * what took its place meanwhile.
 */
export function whyNotSeen(pullRequest: Present, seen: Seen): Problem | undefined {
  const stale = whyStale(pullRequest, seen);
  if (stale || !pullRequest.promotion || seen.content !== undefined) return stale;
  return {
    code: codes.Invalid,
    field: 'content',
    message:
      'A promotion can change at the same head. Say which content you read: it is the `content` of the pull request.',
  };
}

function otherContent({ promotion, environment }: Present): Problem {
  const { changed } = promotion ?? {};
  const what =
    changed?.how === 'decided' ? `decided about changes of ${environment}` : 'planned this promotion anew';
  const who = changed
    ? `${changed.by.name} ${what} at ${changed.at}, and what it writes`
    : 'What this pull request writes';
  return {
    code: codes.Stale,
    field: 'content',
    message: `${who} is not what you looked at. Look at what is new first.`,
  };
}
