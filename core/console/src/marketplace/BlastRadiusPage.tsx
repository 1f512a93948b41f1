import type { BlueprintDetail } from '@catalyst/model/api/blueprints.ts';
import type { Impact } from '@catalyst/model/api/upgrades.ts';
import { Button, Checkbox, Group, Select, Text } from '@mantine/core';
import { IconGitPullRequest, IconRadar2 } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { api } from '../api/api.ts';
import { problemsOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton, PageSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { ProblemList } from '../plans/ProblemList.tsx';
import { useRights } from '../session/use-rights.ts';
import classes from './BlastRadius.module.css';
import { BlueprintIcon } from './BlueprintIcon.tsx';
import { canTake, countWords, keyOf } from './blast-radius.ts';
import { ImpactRow } from './ImpactRow.tsx';
import { ProposedUpgradeList } from './ProposedUpgradeList.tsx';

/** What a version of a Blueprint would change in every Application that uses an older one, before anybody is asked to take it. */
export function Component() {
  const { blueprint: name = '' } = useParams();
  const [query, setQuery] = useSearchParams();
  const { data, error, refetch } = useQuery(queries.blueprint(name));
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <PageSkeleton />;
  const version = query.get('version') ?? data.version;
  return (
    <>
      <PageHeader
        title={`Blast radius of ${data.title} ${version}`}
        lead="What this version would change in each Application that you may see and that uses another one."
        icon={<BlueprintIcon name={data.name} icon={data.icon} size={48} />}
        crumbs={[
          { label: 'Marketplace', to: '/marketplace' },
          { label: data.title, to: `/marketplace/${data.name}` },
        ]}
        actions={
          <Select
            aria-label="Version"
            value={version}
            data={data.versions}
            allowDeselect={false}
            w={150}
            onChange={(next) => setQuery(next ? { version: next } : {}, { replace: true })}
          />
        }
      />
      <Impacts key={version} blueprint={data} version={version} />
    </>
  );
}

function Impacts({ blueprint, version }: { blueprint: BlueprintDetail; version: string }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    queries.blastRadius(blueprint.name, version),
  );
  const { mayChange } = useRights();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const client = useQueryClient();
  const proposing = useMutation({
    mutationFn: (items: readonly Impact[]) =>
      api.proposeUpgrades(blueprint.name, {
        version,
        applications: items.map(({ environment, application }) => ({ environment, application })),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['organizations'] }),
  });
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <BlockSkeleton rows={4} height={76} />;
  const items = data.pages.flatMap((page) => page.items);
  const unchanged = data.pages[0]?.unchanged ?? 0;
  if (items.length === 0)
    return (
      <EmptyState
        icon={<IconRadar2 size={26} stroke={1.5} />}
        title="No Application is concerned"
        message={`None that you may see uses another version of ${blueprint.title} than ${version}.`}
      />
    );
  if (proposing.data)
    return (
      <ProposedUpgradeList
        blueprint={blueprint}
        version={version}
        items={proposing.data.items}
        impacts={items}
      />
    );
  const takeable = items.filter((item) => canTake(item) && mayChange(item.environment));
  const selected = takeable.filter((item) => chosen.has(keyOf(item)));
  return (
    <>
      <Toolbar
        takeable={takeable.length}
        selected={selected.length}
        summary={`${countWords(items.length, 'Application')}${hasNextPage ? ' so far' : ''}${
          unchanged > 0 ? `, ${unchanged} of which would render to the same objects` : ''
        }`}
        pending={proposing.isPending}
        chooseAll={(on) => setChosen(on ? new Set(takeable.map(keyOf)) : new Set())}
        propose={() => proposing.mutate(selected)}
      />
      {proposing.error && (
        <ProblemList title="No pull request was opened" problems={problemsOf(proposing.error)} />
      )}
      <ul className={classes.list}>
        {items.map((item) => (
          <ImpactRow
            key={keyOf(item)}
            impact={item}
            choosable={takeable.includes(item)}
            chosen={chosen.has(keyOf(item))}
            choose={(on) => setChosen(withOrWithout(chosen, keyOf(item), on))}
          />
        ))}
      </ul>
      {hasNextPage && (
        <Group mt="md">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        </Group>
      )}
    </>
  );
}

function Toolbar(props: {
  readonly takeable: number;
  readonly selected: number;
  readonly summary: string;
  readonly pending: boolean;
  readonly chooseAll: (on: boolean) => void;
  readonly propose: () => void;
}) {
  const { takeable, selected } = props;
  return (
    <div className={classes.bar}>
      {takeable > 0 && (
        <Checkbox
          label={`Choose all (${takeable})`}
          checked={selected === takeable}
          indeterminate={selected > 0 && selected < takeable}
          onChange={(event) => props.chooseAll(event.currentTarget.checked)}
        />
      )}
      <Text size="sm" c="dimmed" className={classes.summary}>
        {props.summary}
      </Text>
      {takeable > 0 && (
        <Button
          leftSection={<IconGitPullRequest size={17} />}
          disabled={selected === 0}
          loading={props.pending}
          onClick={props.propose}
        >
          {selected === 0 ? 'Open pull requests' : `Open ${countWords(selected, 'pull request')}`}
        </Button>
      )}
    </div>
  );
}

function withOrWithout(chosen: ReadonlySet<string>, key: string, on: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  if (on) next.add(key);
  else next.delete(key);
  return next;
}
