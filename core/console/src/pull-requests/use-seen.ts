import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { useState } from 'react';
import { useMe } from '../api/use-api.ts';
import { followSeen, type Seen, toSeen } from './seen.ts';

/** What the person has looked at, which stays when the pull request moves on; and how he says that he has looked at what is new. */
export function useSeen(detail: PullRequestDetail): { readonly seen: Seen; readonly look: () => void } {
  const me = useMe();
  const [state, setState] = useState({ seen: toSeen(detail), shown: toSeen(detail) });
  if (state.shown.content !== detail.content)
    setState({ seen: followSeen(state.seen, state.shown, detail, me?.user.id), shown: toSeen(detail) });
  return { seen: state.seen, look: () => setState({ seen: toSeen(detail), shown: toSeen(detail) }) };
}
