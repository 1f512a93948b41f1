import type { BlueprintCard } from '@catalyst/model/api/blueprints.ts';
import { Skeleton, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import { BlueprintIcon } from './BlueprintIcon.tsx';
import { titleOfCategory } from './filter-blueprints.ts';
import classes from './MarketplacePage.module.css';

/** One Blueprint in the marketplace; the whole tile leads to its page. */
export function BlueprintTile({
  blueprint,
  environment,
}: {
  blueprint: BlueprintCard;
  environment: string | undefined;
}) {
  const query = environment ? `?environment=${encodeURIComponent(environment)}` : '';
  return (
    <li>
      <article className={classes.tile}>
        <div className={classes.head}>
          <BlueprintIcon name={blueprint.name} icon={blueprint.icon} />
          <div style={{ minWidth: 0 }}>
            <Title order={2} size="h3" lineClamp={1}>
              <Link to={`/marketplace/${blueprint.name}${query}`} className={classes.cover}>
                {blueprint.title}
              </Link>
            </Title>
            <Text size="sm" c="dimmed" className="tabular">
              {blueprint.version}
            </Text>
          </div>
        </div>
        <Text size="sm" lineClamp={2}>
          {blueprint.tagline}
        </Text>
        <div className={classes.foot}>
          <span>{titleOfCategory(blueprint.category)}</span>
          {blueprint.origin !== 'catalog' && <span>from {blueprint.origin}</span>}
          {blueprint.requires.includes('kubernetes') && <span>needs Kubernetes</span>}
        </div>
      </article>
    </li>
  );
}

/** Holds the places of tiles while they load. */
export function TileSkeletons() {
  return (
    <div className={classes.grid} aria-busy="true">
      {['a', 'b', 'c', 'd', 'e', 'f'].map((key) => (
        <Skeleton key={key} height={168} radius="lg" />
      ))}
    </div>
  );
}
