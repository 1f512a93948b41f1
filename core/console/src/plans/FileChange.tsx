import type { FileChange as Change } from '@catalyst/model/views/plan.ts';
import { Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { diffLines } from './diff-lines.ts';
import { isTextual, kindOf, noText } from './file-words.ts';
import classes from './Plan.module.css';

const shownAtFirst = 400;

/** One file of a change, folded; open, it shows what changes line by line. */
export function FileChange({ file, open }: { file: Change; open?: boolean }) {
  const [opened, setOpened] = useState(open === true);
  const kind = kindOf(file);
  return (
    <details className={classes.file} open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary className={classes.fileHead}>
        <span className="mono">{file.path}</span>
        <span className={classes.kind} data-kind={kind}>
          {kind}
        </span>
      </summary>
      {opened &&
        (isTextual(file) ? (
          <Diff before={file.before ?? ''} after={file.after ?? ''} path={file.path} />
        ) : (
          <Text size="sm" c="dimmed" p="sm">
            {noText}
          </Text>
        ))}
    </details>
  );
}

/** Two texts compared line by line. */
export function Diff({ before, after, path }: { before: string; after: string; path: string }) {
  const [all, setAll] = useState(false);
  const lines = useMemo(() => diffLines(before, after), [before, after]);
  const shown = all ? lines : lines.slice(0, shownAtFirst);
  const signs = { same: ' ', added: '+', removed: '-', gap: '' };
  const words = { same: '', added: 'added: ', removed: 'removed: ', gap: '' };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
    <section className={classes.diff} tabIndex={0} aria-label={`Changes of ${path}`}>
      <div className={classes.diffInner}>
        {shown.map((line, index) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one comparison never move.
            key={index}
            className={classes.line}
            data-kind={line.kind}
          >
            <span aria-hidden="true" className={classes.sign}>
              {signs[line.kind]}
            </span>
            <span className="visually-hidden">{words[line.kind]}</span>
            {line.kind === 'gap' ? <span className={classes.gap}>unchanged lines</span> : line.text || ' '}
          </div>
        ))}
      </div>
      {lines.length > shown.length && (
        <button type="button" className={classes.more} onClick={() => setAll(true)}>
          <Text span size="sm">
            Show the other {lines.length - shown.length} lines
          </Text>
        </button>
      )}
    </section>
  );
}
