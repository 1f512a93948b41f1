import { Button, Chip, Group, TextInput } from '@mantine/core';
import { IconBuildingStore, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { useSearchParams } from 'react-router';
import { queries, useMe } from '../api/use-api.ts';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { BlueprintTile, TileSkeletons } from './BlueprintTile.tsx';
import { categoriesOf, filterBlueprints, titleOfCategory } from './filter-blueprints.ts';
import { MalformedBlueprints } from './MalformedBlueprints.tsx';
import classes from './MarketplacePage.module.css';

/** Everything that can be installed; open to everybody. `?environment=` is where an install will go. */
export function Component() {
  const me = useMe();
  const { data, error, refetch } = useQuery(queries.blueprints);
  const [query, setQuery] = useSearchParams();
  const search = query.get('q') ?? '';
  const category = query.get('category') ?? '';
  const environment = query.get('environment') ?? undefined;
  const deferred = useDeferredValue(search);
  const set = (name: string, value: string) =>
    setQuery(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true, preventScrollReset: true },
    );
  const found = data ? filterBlueprints(data.items, deferred, category) : [];
  const categories = data ? categoriesOf(data.items) : [];

  return (
    <>
      <PageHeader
        title="Marketplace"
        lead={
          environment
            ? `Choose what to install in ${environment}.`
            : 'Software that is ready to run. Each install becomes an Application with a Git repository of its own.'
        }
      />
      <div className={classes.controls}>
        <TextInput
          className={classes.search}
          type="search"
          value={search}
          onChange={(event) => set('q', event.currentTarget.value)}
          placeholder="Search Blueprints"
          aria-label="Search Blueprints"
          leftSection={<IconSearch size={17} stroke={1.7} />}
          size="md"
        />
        {categories.length > 1 && (
          <Chip.Group value={category} onChange={(value) => set('category', String(value))}>
            <Group gap={6} role="group" aria-label="Category">
              <Chip value="" variant="outline">
                All
              </Chip>
              {categories.map((entry) => (
                <Chip key={entry.name} value={entry.name} variant="outline">
                  {titleOfCategory(entry.name)}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        )}
      </div>
      {error && !data ? (
        <Failure error={error} retry={() => void refetch()} compact />
      ) : !data ? (
        <TileSkeletons />
      ) : found.length === 0 ? (
        <EmptyState
          icon={<IconBuildingStore size={26} stroke={1.5} />}
          title={data.items.length === 0 ? 'The catalog is empty' : 'No Blueprint fits'}
          message={
            data.items.length === 0
              ? 'An administrator of this Sovereign adds Blueprints to its catalog.'
              : 'Try fewer words or another category.'
          }
        >
          {data.items.length > 0 && (
            <Button
              variant="default"
              onClick={() => setQuery(environment ? { environment } : {}, { replace: true })}
            >
              Show all
            </Button>
          )}
        </EmptyState>
      ) : (
        <ul className={classes.grid}>
          {found.map((item) => (
            <BlueprintTile key={`${item.origin}/${item.name}`} blueprint={item} environment={environment} />
          ))}
        </ul>
      )}
      <p className="visually-hidden" aria-live="polite">
        {data ? `${found.length} of ${data.items.length} Blueprints` : ''}
      </p>
      {me && data && data.malformed.length > 0 && <MalformedBlueprints items={data.malformed} />}
    </>
  );
}
