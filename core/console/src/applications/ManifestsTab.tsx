import { SegmentedControl, Text, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '../api/use-api.ts';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { useApplication } from './ApplicationPage.tsx';
import classes from './Manifests.module.css';
import { toYaml } from './to-yaml.ts';

/** The files of the branch, and the objects that they become; to be read, not changed. */
export function Component() {
  const { environment, view, detail } = useApplication();
  const { data, error, refetch } = useQuery(queries.manifests(environment, view.name));
  const [kind, setKind] = useState<'files' | 'objects'>('files');
  const [chosen, setChosen] = useState<string>();
  if (error && !data) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data) return <BlockSkeleton rows={1} height={420} />;
  const entries =
    kind === 'files'
      ? data.files.map((file) => ({ name: file.path, text: () => file.content }))
      : data.objects.map((object) => ({ name: nameOf(object), text: () => toYaml(object) }));
  const shown = entries.find((entry) => entry.name === chosen) ?? entries[0];
  return (
    <>
      <div className={classes.head}>
        <SegmentedControl
          aria-label="What to show"
          value={kind}
          onChange={(value) => setKind(value === 'objects' ? 'objects' : 'files')}
          data={[
            { value: 'files', label: `Files (${data.files.length})` },
            { value: 'objects', label: `Objects (${data.objects.length})` },
          ]}
        />
        <Text size="sm" c="dimmed">
          {kind === 'files' ? (
            <>
              The branch <span className="mono">{detail.repository.branch}</span> at{' '}
              <span className="mono">{view.revision.slice(0, 10)}</span>. To change them, clone and push.
            </>
          ) : (
            'What the files and the chart become. Contents of Secrets are not shown.'
          )}
        </Text>
      </div>
      {shown ? (
        <div className={classes.browser}>
          <nav className={classes.names} aria-label={kind === 'files' ? 'Files' : 'Objects'}>
            {entries.map((entry) => (
              <UnstyledButton
                key={entry.name}
                className={classes.name}
                aria-current={entry.name === shown.name ? 'true' : undefined}
                onClick={() => setChosen(entry.name)}
              >
                {entry.name}
              </UnstyledButton>
            ))}
          </nav>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
          <pre className={classes.text} tabIndex={0}>
            {shown.text()}
          </pre>
        </div>
      ) : (
        <EmptyState
          title={kind === 'files' ? 'No files' : 'No objects'}
          message="Nothing was rendered yet. The overview says why."
        />
      )}
    </>
  );
}

function nameOf(object: Readonly<Record<string, unknown>>): string {
  const metadata = object.metadata as { name?: string } | undefined;
  return `${String(object.kind)}/${metadata?.name ?? ''}`;
}
