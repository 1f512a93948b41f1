import { Skeleton, Stack } from '@mantine/core';

/** Holds the place of a page while it loads. */
export function PageSkeleton() {
  return (
    <Stack gap="lg" aria-busy="true" aria-label="Loading">
      <Stack gap={8}>
        <Skeleton height={14} width={120} />
        <Skeleton height={30} width="min(320px, 70%)" />
      </Stack>
      <BlockSkeleton rows={3} />
    </Stack>
  );
}

/** Holds the place of a list or panel. */
export function BlockSkeleton({ rows = 3, height = 92 }: { rows?: number; height?: number }) {
  return (
    <Stack gap="sm" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same and never move.
        <Skeleton key={index} height={height} radius="lg" />
      ))}
    </Stack>
  );
}
