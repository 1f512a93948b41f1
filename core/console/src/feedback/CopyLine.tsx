import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './CopyLine.module.css';

/** A line of text to be copied, with its button; says aloud that it was copied. */
export function CopyLine({
  value,
  label,
  focus,
}: {
  value: string;
  label: string;
  /** Takes the focus when it is drawn, as in a dialog whose form it replaces. */
  focus?: boolean;
}) {
  return (
    <div className={classes.line}>
      <code className={classes.text}>{value}</code>
      <CopyButton value={value} timeout={2000}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : `Copy ${label}`}>
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={copy}
              autoFocus={focus === true}
              aria-label={`Copy ${label}`}
            >
              {copied ? <IconCheck size={17} /> : <IconCopy size={17} />}
              <span className="visually-hidden" aria-live="polite">
                {copied ? 'Copied' : ''}
              </span>
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}
