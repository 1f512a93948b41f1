import type { PlannedApplication } from '@catalyst/model/views/plan.ts';
import { Text, Title } from '@mantine/core';
import { IconGitBranch } from '@tabler/icons-react';
import { BlueprintIcon } from '../marketplace/BlueprintIcon.tsx';
import { useBlueprintCards } from '../marketplace/use-blueprint-cards.ts';
import { FileChange } from './FileChange.tsx';
import { Fold } from './Fold.tsx';
import { ObjectChanges } from './ObjectChanges.tsx';
import { PartFacts } from './PartFacts.tsx';
import classes from './Plan.module.css';
import { ResourceTable } from './ResourceTable.tsx';
import { resourcesOf } from './resource-changes.ts';

const changes: Readonly<Record<string, { word: string; tone: string }>> = {
  create: { word: 'is created', tone: 'green' },
  change: { word: 'is changed', tone: 'blue' },
  remove: { word: 'is removed', tone: 'red' },
  use: { word: 'is used as it is', tone: 'grey' },
};

/** One Application of a plan. */
export function PlannedPart({ part, openFiles }: { part: PlannedApplication; openFiles: boolean }) {
  const cards = useBlueprintCards();
  const change = changes[part.change] ?? { word: part.change, tone: 'grey' };
  return (
    <section className={classes.part} aria-label={`${part.application} ${change.word}`}>
      <div className={classes.partHead}>
        <BlueprintIcon name={part.blueprint} icon={cards.get(part.blueprint)?.icon} size={36} />
        <div style={{ minWidth: 0, flex: 1 }}>
          <Title order={3}>
            {part.application}{' '}
            <span className={classes.change} data-tone={change.tone}>
              {change.word}
            </span>
          </Title>
          <Text size="sm" c="dimmed" className="mono" style={{ overflowWrap: 'anywhere' }}>
            {part.blueprint} @{' '}
            {part.versionBefore && part.versionBefore !== part.version ? (
              <>
                {part.versionBefore} → <strong>{part.version}</strong>
              </>
            ) : (
              part.version
            )}
          </Text>
        </div>
      </div>
      <div className={classes.facts}>
        <span>
          <IconGitBranch size={14} aria-hidden="true" className={classes.factIcon} />
          <span className="mono">{part.repository}</span> on <span className="mono">{part.branch}</span>
        </span>
      </div>
      <PartFacts part={part} />
      {part.change !== 'use' && (
        <ResourceTable label={`Resources of ${part.application}`} {...resourcesOf(part)} />
      )}
      <ObjectChanges objects={part.objects} />
      {part.files.length > 0 && (
        <Fold
          title={`${part.files.length} ${part.files.length === 1 ? 'file' : 'files'} in one commit`}
          open={openFiles}
        >
          {part.files.map((file) => (
            <FileChange key={file.path} file={file} open={openFiles && part.files.length <= 3} />
          ))}
        </Fold>
      )}
    </section>
  );
}
