import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { queries } from '../api/use-api.ts';

/** Icon and title of each Blueprint in the catalog by its name; empty while it loads. */
export function useBlueprintCards() {
  const { data } = useQuery(queries.blueprints);
  return useMemo(() => new Map((data?.items ?? []).map((item) => [item.name, item])), [data]);
}
