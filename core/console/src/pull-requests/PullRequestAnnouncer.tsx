import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { useEffect, useRef, useState } from 'react';
import { describeMoves } from './pull-request-words.ts';

/** Says aloud what became different. */
export function PullRequestAnnouncer({ detail }: { detail: PullRequestDetail }) {
  const before = useRef(detail);
  const [words, setWords] = useState('');
  useEffect(() => {
    const moves = describeMoves(before.current, detail);
    before.current = detail;
    if (moves.length > 0) setWords(moves.slice(0, 5).join(' '));
  }, [detail]);
  return (
    <p className="visually-hidden" aria-live="polite">
      {words}
    </p>
  );
}
