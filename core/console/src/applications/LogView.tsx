import { ActionIcon, Button, Switch, TextInput, Tooltip } from '@mantine/core';
import {
  IconArrowDown,
  IconDownload,
  IconEraser,
  IconPlayerPause,
  IconPlayerPlay,
  IconSearch,
} from '@tabler/icons-react';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import classes from './Logs.module.css';
import { type ShownLine, searchLines } from './log-buffer.ts';
import { type LogSource, type LogStatus, useLogStream } from './use-log-stream.ts';

const words: Readonly<Record<LogStatus, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  waiting: 'Waiting',
  complete: 'Complete',
  missing: 'Not there',
};

/** A log: follows at the end, stands still while somebody reads further up or has paused it. */
export function LogView({ source, exitCode }: { source: LogSource; exitCode: number | undefined }) {
  const { buffer, status, message, clear } = useLogStream(source);
  const [frozen, setFrozen] = useState<readonly ShownLine[]>();
  const [wrap, setWrap] = useState(true);
  const [search, setSearch] = useState('');
  const [atEnd, setAtEnd] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  const deferred = useDeferredValue(search);
  const lines = searchLines(frozen ?? buffer.lines, deferred);
  const last = lines.at(-1)?.id;
  const toEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the end moves with the last line and with wrapping.
  useEffect(() => {
    if (atEnd && !frozen) toEnd();
  }, [last, wrap, atEnd, frozen]);

  return (
    <section className={classes.log} aria-label="Log">
      <div className={classes.tools}>
        <span
          className={classes.status}
          data-status={frozen ? 'waiting' : status}
          role="status"
          aria-live="polite"
        >
          <span className={classes.dot} aria-hidden="true" />
          {frozen ? 'Paused' : words[status]}
          {exitCode !== undefined && `, exit code ${exitCode}`}
        </span>
        <TextInput
          className={classes.search}
          size="xs"
          type="search"
          placeholder="Search"
          aria-label="Search in the log"
          leftSection={<IconSearch size={14} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Switch
          size="xs"
          label="Wrap"
          checked={wrap}
          onChange={(event) => setWrap(event.currentTarget.checked)}
        />
        <Tool
          label={frozen ? 'Resume' : 'Pause'}
          onClick={() => setFrozen(frozen ? undefined : buffer.lines)}
        >
          {frozen ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
        </Tool>
        <Tool label="Clear" onClick={clear}>
          <IconEraser size={16} />
        </Tool>
        <Tool label="Download what is shown" onClick={() => download(source, lines)}>
          <IconDownload size={16} />
        </Tool>
      </div>
      <div
        ref={box}
        className={classes.lines}
        data-wrap={wrap}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={`Lines of ${source.container}`}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          setAtEnd(scrollHeight - scrollTop - clientHeight < 40);
        }}
      >
        {buffer.dropped > 0 && (
          <div className={classes.note}>{buffer.dropped} older lines are not kept here.</div>
        )}
        {lines.map((line) => (
          <div key={line.id} className={classes.line} data-stream={line.stream}>
            <span className={classes.time}>{timeOf(line.at)}</span>
            <span>{line.line}</span>
          </div>
        ))}
        {lines.length === 0 && (
          <div className={classes.note}>
            {deferred !== ''
              ? 'No line contains this.'
              : status === 'connecting'
                ? 'Connecting…'
                : message || 'Nothing was written yet.'}
          </div>
        )}
        {lines.length > 0 && message !== '' && <div className={classes.note}>{message}</div>}
      </div>
      {!atEnd && !frozen && (
        <Button
          className={classes.toEnd}
          size="xs"
          leftSection={<IconArrowDown size={14} />}
          onClick={() => {
            setAtEnd(true);
            toEnd();
          }}
        >
          To the end
        </Button>
      )}
    </section>
  );
}

function Tool({
  label,
  onClick,
  children,
}: {
  label: string;
  onClick: () => void;
  children: React.ReactNode;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" onClick={onClick} aria-label={label}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function timeOf(at: string): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? '' : time.toLocaleTimeString('en-GB');
}

function download(source: LogSource, lines: readonly ShownLine[]): void {
  const text = lines.map((line) => `${line.at} ${line.stream} ${line.line}\n`).join('');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = `${source.application}-${source.container}.log`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
