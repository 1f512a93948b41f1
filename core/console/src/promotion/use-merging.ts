import { useMutation, useQueryClient } from '@tanstack/react-query';
import { messageOf } from '../api/client.ts';
import {
  type PullRequestRef,
  pullRequestQueries,
  pullRequestsApi,
} from '../pull-requests/pull-requests-api.ts';
import type { Seen } from '../pull-requests/seen.ts';
import { mergeInOrder } from './merge-in-order.ts';

/** A pull request to be merged. */
export interface Item extends PullRequestRef {
  /** What was looked at; another one is refused. */
  readonly seen: Seen;
}

/** Merges pull requests one after the other; answers where it stopped. */
export function useMerging() {
  const client = useQueryClient();
  const ask = (item: Item) => client.fetchQuery({ ...pullRequestQueries.one(item), staleTime: 0 });
  return useMutation({
    mutationFn: async (items: readonly Item[]) =>
      (await mergeInOrder(items, {
        read: ask,
        merge: async (item) => {
          const { queryKey } = pullRequestQueries.one(item);
          const after = await pullRequestsApi.merge(item, {
            expectedHead: item.seen.head,
            content: item.seen.content,
          });
          await client.cancelQueries({ queryKey });
          client.setQueryData(queryKey, after);
        },
        reasonOf: messageOf,
      })) ?? null,
    onSettled: () => client.invalidateQueries({ queryKey: ['organizations'] }),
  });
}
