import { useEffect, useRef } from 'react';

/** Asks again whenever `mark` has become another one; what is on the page stays until the answer is here. */
export function useRefetchOn(mark: string, refetch: () => Promise<unknown>): void {
  const seen = useRef(mark);
  useEffect(() => {
    if (seen.current === mark) return;
    seen.current = mark;
    void refetch();
  }, [mark, refetch]);
}
