import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { Button, Checkbox, Group, Text } from '@mantine/core';
import { IconApps } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { useEnvironment } from '../environments/EnvironmentLayout.tsx';
import { StateBadge } from '../environments/StateBadge.tsx';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import classes from './Promotion.module.css';
import { promotionQueries } from './promotion-api.ts';

/** Most Applications of one set. */
const mostTogether = 20;

/** Which Applications of the source are promoted together. */
export function ChooseApplications(props: {
  readonly from: string;
  readonly choose: (applications: readonly string[]) => void;
}) {
  const { environment, state } = useEnvironment();
  const { data, error, refetch } = useQuery(promotionQueries.applicationsOf(props.from));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  if (error && !data) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data) return <BlockSkeleton rows={3} height={64} />;
  const items = data.items.toSorted((a, b) => a.name.localeCompare(b.name));
  if (items.length === 0)
    return (
      <EmptyState
        icon={<IconApps size={26} stroke={1.5} />}
        title={`Nothing is installed in ${props.from}`}
        message="What is installed there can be promoted."
      />
    );
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen.length > 0 && chosen.length <= mostTogether) props.choose(chosen);
  };
  const tooMany = chosen.length > mostTogether;
  return (
    <form onSubmit={onSubmit} className={classes.flow}>
      <Checkbox.Group
        label="Which Applications?"
        description="They become one set: a pull request each, merged in order, what others depend on first."
        error={tooMany ? `At most ${mostTogether} at once.` : undefined}
        value={[...chosen]}
        onChange={setChosen}
      >
        <ul className={classes.choices}>
          {items.map((item) => (
            <Choice key={item.name} item={item} there={state.applications.get(item.name)} to={environment} />
          ))}
        </ul>
      </Checkbox.Group>
      <Group gap="xs">
        <Button type="submit" size="md" disabled={chosen.length === 0 || tooMany}>
          {chosen.length < 2 ? 'Review the plan' : `Review the plan of ${chosen.length}`}
        </Button>
        <Button component={Link} to={`/environments/${props.from}`} variant="subtle" size="md">
          Cancel
        </Button>
      </Group>
    </form>
  );
}

function Choice(props: { item: ApplicationView; there: ApplicationView | undefined; to: string }) {
  const { item, there, to } = props;
  return (
    <li>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside it. */}
      <label className={classes.choice}>
        <Checkbox value={item.name} />
        <span className={classes.choiceWords}>
          <Text span fw={600}>
            {item.displayName ?? item.name}
          </Text>
          <Text span size="sm" c="dimmed">
            {item.blueprint.version}; {there ? `${to} has ${there.blueprint.version}` : `not in ${to} yet`}
          </Text>
        </span>
        <StateBadge state={item.state} />
      </label>
    </li>
  );
}
