import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { messageOf } from '../api/client.ts';
import { Section } from '../layout/Section.tsx';
import { environmentTypes } from '../organizations/environment-types.ts';
import classes from '../organizations/Organizations.module.css';
import { useRights } from '../session/use-rights.ts';
import { ProposalList } from './ProposalList.tsx';
import { ProtectedBadge } from './ProtectedBadge.tsx';
import { policyQuery } from './policies-api.ts';

/** The editor brings the rules and their clocks along; few open it. */
const PolicyDialog = lazy(async () => ({ default: (await import('./PolicyDialog.tsx')).PolicyDialog }));

/** What a change of each Environment must meet, in words, and what of it is proposed to be changed. */
export function ProtectionSection(props: { organization: string; environments: readonly string[] }) {
  const [editing, setEditing] = useState<string>();
  if (props.environments.length === 0) return null;
  const rank = (name: string) =>
    environmentTypes.findIndex(({ type }) => type === parseEnvironmentName(name)?.envType);
  const names = [...props.environments].sort((a, b) => rank(a) - rank(b));
  return (
    <Section
      title="Protection"
      lead="What a change must meet before it reaches an Environment, whichever way it comes."
      flush
    >
      <ul className={classes.list}>
        {names.map((name) => (
          <ProtectionRow
            key={name}
            organization={props.organization}
            environment={name}
            edit={() => setEditing(name)}
          />
        ))}
      </ul>
      {editing !== undefined && (
        <Suspense fallback={null}>
          <PolicyDialog
            key={editing}
            place={{ organization: props.organization, environment: editing, environments: names }}
            close={() => setEditing(undefined)}
          />
        </Suspense>
      )}
    </Section>
  );
}

function ProtectionRow(props: { organization: string; environment: string; edit: () => void }) {
  const { organization, environment, edit } = props;
  const { data, error } = useQuery(policyQuery(environment));
  const { may } = useRights();
  const sentences = data?.policies.flatMap((policy) => policy.sentences) ?? [];
  return (
    <li className={classes.row}>
      <div className={classes.rowWords}>
        <Group gap={8}>
          <Text fw={600} className="mono">
            {environment}
          </Text>
          <ProtectedBadge environment={environment} />
        </Group>
        {sentences.map((sentence) => (
          <Text key={sentence} size="sm">
            {sentence}
          </Text>
        ))}
        {data && sentences.length === 0 && (
          <Text size="sm" c="dimmed">
            Open: whoever may change it does so at once.
          </Text>
        )}
        {error && !data && (
          <Text size="sm" c="var(--red)" role="alert">
            {messageOf(error)}
          </Text>
        )}
      </div>
      {data && may('policy.write', organization, environment) && (
        <Button
          variant="default"
          size="xs"
          onClick={edit}
          aria-label={`${sentences.length > 0 ? 'Edit the protection of' : 'Protect'} ${environment}`}
        >
          {sentences.length > 0 ? 'Propose a change…' : 'Protect…'}
        </Button>
      )}
      {sentences.length > 0 && <ProposalList environment={environment} />}
    </li>
  );
}
