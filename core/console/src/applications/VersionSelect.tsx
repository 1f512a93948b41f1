import type { ApplicationDetail } from '@catalyst/model/api/applications.ts';
import { Select } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useLocation, useNavigate } from 'react-router';
import classes from './Settings.module.css';
import { versionOptions } from './version-options.ts';

/** Which version of its Blueprint an Application is to be; says of each whether it can be reached, and why not. */
export function VersionSelect(props: {
  readonly detail: ApplicationDetail;
  readonly value: string;
  readonly disabled: boolean;
  readonly change: (version: string) => void;
}) {
  const { detail, value } = props;
  const options = versionOptions(detail.blueprint.version, detail.versions, detail.upgrades);
  const reasons = new Map(options.map((option) => [option.value, option.reason]));
  const input = useRef<HTMLInputElement>(null);
  const { hash } = useLocation();
  const navigate = useNavigate();
  useEffect(() => {
    if (hash !== '#version') return;
    input.current?.focus();
    // Done; the form is made anew later, and must not take the focus again.
    void navigate({ hash: '' }, { replace: true, preventScrollReset: true });
  }, [hash, navigate]);
  return (
    <Select
      ref={input}
      label="Blueprint version"
      description="Another version is an upgrade (or a step back) of the same Application; the plan says what changes."
      data={options.map(({ value: version, label, disabled }) => ({ value: version, label, disabled }))}
      value={value}
      allowDeselect={false}
      disabled={props.disabled}
      maw={460}
      classNames={{ option: classes.listed ?? '', input: classes.chosen ?? '' }}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
      renderOption={({ option }) => (
        <span className={classes.option}>
          <span>{option.label}</span>
          {reasons.get(option.value) && (
            <span className={classes.optionReason}>
              {option.disabled ? 'Not possible: ' : ''}
              {reasons.get(option.value)}
            </span>
          )}
        </span>
      )}
      onChange={(next) => next && props.change(next)}
    />
  );
}
