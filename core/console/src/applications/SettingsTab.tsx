import { useMemo, useState } from 'react';
import { toValues, type Values } from '../configuration/form-values.ts';
import { findConflicts, mergeEdits } from '../configuration/merge-edits.ts';
import { useApplication } from './ApplicationPage.tsx';
import { ConflictingEdits } from './ConflictingEdits.tsx';
import { SettingsForm } from './SettingsForm.tsx';

/** What a form was made from, and what it began with. */
interface Ground {
  readonly revision: string;
  readonly values: Values;
  readonly start: Values;
  readonly round: number;
}

/** What can be set, with its present values; saving shows the difference first. */
export function Component() {
  const { detail } = useApplication();
  const [ground, setGround] = useState<Ground>({
    revision: detail.revision,
    values: detail.values,
    start: detail.values,
    round: 0,
  });
  const [edited, setEdited] = useState<Values>();
  // The form is made anew when a commit from elsewhere changes the values under it, unless somebody is at work in it.
  const begin = (start: Values) =>
    setGround({ revision: detail.revision, values: detail.values, start, round: ground.round + 1 });
  const moved = ground.revision !== detail.revision;
  if (moved && edited === undefined) begin(detail.values);
  const schema = detail.configSchema;
  const sides = useMemo(
    () => ({
      base: toValues(schema, ground.values),
      mine: toValues(schema, edited ?? ground.values),
      theirs: toValues(schema, detail.values),
    }),
    [schema, ground.values, edited, detail.values],
  );
  const conflicts = useMemo(
    () => (moved && edited ? findConflicts(sides.base, sides.mine, sides.theirs) : []),
    [moved, edited, sides],
  );
  const reset = () => {
    setEdited(undefined);
    begin(detail.values);
  };
  return (
    <SettingsForm
      key={ground.round}
      revision={ground.revision}
      base={ground.values}
      start={ground.start}
      moved={moved && edited !== undefined}
      edit={setEdited}
      reset={reset}
      conflicts={
        conflicts.length > 0 && (
          <ConflictingEdits
            conflicts={conflicts}
            discard={reset}
            settle={(takeTheirs) => {
              const merged = mergeEdits(sides.base, sides.mine, sides.theirs, takeTheirs);
              setEdited(merged);
              begin(merged);
            }}
          />
        )
      }
    />
  );
}
