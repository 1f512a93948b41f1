import { Anchor, Badge, Button, Group, Select, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { queries, useMe } from '../api/use-api.ts';
import { Failure } from '../feedback/Failure.tsx';
import { PageSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { Markdown } from '../markdown/Markdown.tsx';
import { loginUrl } from '../session/return-to.ts';
import { BlueprintApplications } from './BlueprintApplications.tsx';
import { BlueprintIcon } from './BlueprintIcon.tsx';
import classes from './BlueprintPage.module.css';
import { ChooseEnvironment } from './ChooseEnvironment.tsx';
import { titleOfCategory } from './filter-blueprints.ts';

/** A Blueprint: what it is, what it needs, and the way to install it. */
export function Component() {
  const { blueprint: name = '' } = useParams();
  const [query, setQuery] = useSearchParams();
  const environment = query.get('environment') ?? undefined;
  const me = useMe();
  const navigate = useNavigate();
  const [choosing, setChoosing] = useState(false);
  const { data, error, refetch } = useQuery(queries.blueprint(name, query.get('version') ?? undefined));
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <PageSkeleton />;

  const needsKubernetes = data.requires.includes('kubernetes');
  const installPath = (target: string) =>
    `/environments/${target}/install/${data.name}${data.version === data.versions[0] ? '' : `?version=${encodeURIComponent(data.version)}`}`;
  const install = () => {
    if (me === null) window.location.assign(loginUrl(`/marketplace/${name}`));
    else if (environment) void navigate(installPath(environment));
    else setChoosing(true);
  };

  return (
    <>
      <PageHeader
        title={data.title}
        lead={data.tagline}
        crumbs={[
          {
            label: 'Marketplace',
            to: environment ? `/marketplace?environment=${environment}` : '/marketplace',
          },
        ]}
        icon={<BlueprintIcon name={data.name} icon={data.icon} size={60} />}
        actions={
          <Button
            leftSection={<IconDownload size={17} />}
            size="md"
            onClick={install}
            disabled={needsKubernetes}
          >
            {environment ? `Install in ${environment}` : 'Install'}
          </Button>
        }
      />
      <div className={classes.columns}>
        <div className={classes.text}>
          {data.readme ? (
            <Markdown source={data.readme} />
          ) : (
            <Text c="dimmed">This Blueprint has no description beyond its line above.</Text>
          )}
        </div>
        <aside className={classes.facts} aria-label="Facts">
          {needsKubernetes && (
            <Fact name="Cannot be installed here">
              It needs Kubernetes; this Sovereign runs on one machine with containers.
            </Fact>
          )}
          <Fact name="Version">
            <Select
              size="xs"
              aria-label="Version"
              value={data.version}
              data={data.versions}
              allowDeselect={false}
              onChange={(version) =>
                setQuery(
                  (before) => {
                    const next = new URLSearchParams(before);
                    if (version && version !== data.versions[0]) next.set('version', version);
                    else next.delete('version');
                    return next;
                  },
                  { replace: true },
                )
              }
            />
          </Fact>
          {me && (
            <Fact name="In use">
              <Anchor
                component={Link}
                to={`/marketplace/${data.name}/blast-radius?version=${encodeURIComponent(data.version)}`}
                size="sm"
              >
                Blast radius of {data.version}
              </Anchor>
            </Fact>
          )}
          <Fact name={data.category === 'composite' ? 'Brings' : 'Needs'}>
            {data.depends.length === 0 ? (
              'Nothing else'
            ) : (
              <Stack gap={4}>
                {data.depends.map((entry) => (
                  <span key={entry.alias}>
                    <Anchor component={Link} to={`/marketplace/${entry.blueprint}`} size="sm">
                      {entry.blueprint.replace(/^bp-/, '')}
                    </Anchor>{' '}
                    <span className="mono">{entry.version}</span>
                  </span>
                ))}
              </Stack>
            )}
          </Fact>
          <Fact name="Category">{titleOfCategory(data.category)}</Fact>
          {data.license && <Fact name="License">{data.license}</Fact>}
          {data.documentation?.startsWith('https://') && (
            <Fact name="Documentation">
              <Anchor href={data.documentation} target="_blank" rel="noreferrer noopener" size="sm">
                {new URL(data.documentation).host}
              </Anchor>
            </Fact>
          )}
          {data.tags.length > 0 && (
            <Fact name="Tags">
              <Group gap={5}>
                {data.tags.map((tag) => (
                  <Badge key={tag} variant="light" color="gray" tt="none" fw={500}>
                    {tag}
                  </Badge>
                ))}
              </Group>
            </Fact>
          )}
          <Fact name="Digest">
            <span className="mono" title={data.digest}>
              {data.digest.slice(0, 19)}…
            </span>
          </Fact>
        </aside>
      </div>
      {me && (
        <div className={classes.applications}>
          <BlueprintApplications blueprint={data.name} environment={environment} />
        </div>
      )}
      {me && (
        <ChooseEnvironment
          opened={choosing}
          close={() => setChoosing(false)}
          title={data.title}
          choose={(target) => void navigate(installPath(target))}
        />
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className={classes.fact}>
      <Text size="xs" c="dimmed" fw={550}>
        {name}
      </Text>
      <Text size="sm" component="div">
        {children}
      </Text>
    </div>
  );
}
