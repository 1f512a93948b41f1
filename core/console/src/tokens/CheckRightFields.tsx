import { mostCheckNames } from '@catalyst/model/policy/check-rights.ts';
import { Select, TagsInput } from '@mantine/core';

/** Which checks of which Organization a token may post. */
export interface CheckRightDraft {
  readonly organization: string;
  readonly names: readonly string[];
}

/** Asks for them; `organizations`: those where the person gives the right. */
export function CheckRightFields(props: {
  organizations: readonly string[];
  value: CheckRightDraft;
  onChange: (value: CheckRightDraft) => void;
}) {
  const { organizations, value, onChange } = props;
  return (
    <>
      <Select
        label="Organization of the checks"
        data={[...organizations]}
        value={value.organization}
        allowDeselect={false}
        required
        onChange={(organization) => onChange({ ...value, organization: organization ?? '' })}
      />
      <TagsInput
        label="Names of the checks"
        description="Exactly as a policy has them, such as ci/security-scan."
        maxTags={mostCheckNames}
        required
        value={[...value.names]}
        onChange={(names) => onChange({ ...value, names })}
      />
    </>
  );
}
