import type { PodView } from '@catalyst/model/views/application-view.ts';
import { SegmentedControl, Select } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { useApplication } from './ApplicationPage.tsx';
import classes from './Logs.module.css';
import { LogView } from './LogView.tsx';
import { podToRead } from './pod-to-read.ts';

/** Logs of one container, live; those of its crashed predecessor too. What is shown stands in the address. */
export function Component() {
  const { view, environment } = useApplication();
  const [query, setQuery] = useSearchParams();
  const pods = view.instances;
  const pod = pods.find((item) => item.name === query.get('pod')) ?? podToRead(pods);
  const container =
    pod?.containers.find((item) => item.name === query.get('container')) ??
    pod?.containers.find((item) => !item.init) ??
    pod?.containers[0];
  if (!pod || !container)
    return (
      <EmptyState
        title="No logs"
        message={
          view.paused
            ? 'The Application is paused, so nothing writes.'
            : view.state === 'Paused'
              ? 'The Application is scaled to zero, so nothing writes.'
              : 'No container was started yet. The overview says why.'
        }
      />
    );
  const hasPrevious = container.restarts > 0 || container.lastExitCode !== undefined;
  const previous = hasPrevious && query.get('previous') === 'true';
  const show = (next: Record<string, string>) =>
    setQuery(
      { pod: pod.name, container: container.name, ...next },
      { replace: true, preventScrollReset: true },
    );
  return (
    <>
      <div className={classes.sources}>
        <Select
          label="Pod"
          className={classes.source}
          value={pod.name}
          allowDeselect={false}
          data={pods.map((item) => ({ value: item.name, label: item.name }))}
          onChange={(name) => name && setQuery({ pod: name }, { replace: true, preventScrollReset: true })}
        />
        <Select
          label="Container"
          className={classes.source}
          value={container.name}
          allowDeselect={false}
          data={pod.containers.map((item) => ({
            value: item.name,
            label: item.init ? `${item.name} (runs first)` : item.name,
          }))}
          onChange={(name) => name && show({ container: name })}
        />
        {hasPrevious && (
          <SegmentedControl
            aria-label="Which run"
            value={previous ? 'previous' : 'now'}
            data={[
              { value: 'now', label: 'This run' },
              { value: 'previous', label: previousLabel(container) },
            ]}
            onChange={(value) => show(value === 'previous' ? { previous: 'true' } : {})}
          />
        )}
      </div>
      <LogView
        source={{ environment, application: view.name, pod: pod.name, container: container.name, previous }}
        exitCode={previous ? container.lastExitCode : container.exitCode}
      />
    </>
  );
}

function previousLabel(container: PodView['containers'][number]): string {
  return container.lastExitCode === undefined
    ? 'The run before'
    : `The run before (exit code ${container.lastExitCode})`;
}
