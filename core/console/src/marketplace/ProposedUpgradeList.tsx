import type { BlueprintDetail } from '@catalyst/model/api/blueprints.ts';
import type { Impact, ProposedUpgrades } from '@catalyst/model/api/upgrades.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { Anchor, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import classes from './BlastRadius.module.css';
import { countWords, keyOf } from './blast-radius.ts';

/** What became of the pull requests that were asked for: each with its link, or why there is none. */
export function ProposedUpgradeList(props: {
  readonly blueprint: BlueprintDetail;
  readonly version: string;
  readonly items: ProposedUpgrades['items'];
  readonly impacts: readonly Impact[];
}) {
  const opened = props.items.filter((item) => item.pullRequest !== undefined).length;
  const organizations = new Map(props.impacts.map((impact) => [keyOf(impact), impact.organization]));
  return (
    <section aria-label="Result">
      <Title order={2} mb="sm" role="status">
        {countWords(opened, 'pull request')} to {props.blueprint.title} {props.version}
        {opened < props.items.length && `, ${props.items.length - opened} refused`}
      </Title>
      <ul className={classes.list}>
        {props.items.map((item) => {
          const organization =
            organizations.get(keyOf(item)) ?? parseEnvironmentName(item.environment)?.organization ?? '';
          return (
            <li key={keyOf(item)} className={classes.row}>
              <strong>{item.application}</strong>{' '}
              <Text span size="sm" c="dimmed">
                in {item.environment}
              </Text>{' '}
              {item.pullRequest !== undefined && (
                <Anchor
                  component={Link}
                  to={`/organizations/${organization}/pull-requests/${item.application}/${item.pullRequest}`}
                >
                  pull request #{item.pullRequest}
                </Anchor>
              )}
              {item.problems.map((problem) => (
                <div key={problem.message} className={classes.reason} data-tone="red">
                  {problem.message}
                </div>
              ))}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
