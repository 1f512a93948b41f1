import type { PolicyView } from '@catalyst/model/api/policies.ts';
import { Button, Group, Modal, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { messageOf } from '../api/client.ts';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { Difference } from './Difference.tsx';
import classes from './Policies.module.css';
import { policyQuery } from './policies-api.ts';
import { otherProblems } from './policy-draft.ts';
import { RulesForm } from './RulesForm.tsx';
import type { FormPlace } from './rule-forms.ts';
import { type PolicyEditor, usePolicyEditor } from './use-policy-editor.ts';

interface Of {
  readonly place: FormPlace;
  readonly close: () => void;
}

/** Edits what protects an Environment, as form or as YAML: the first policy holds at once, later ones are proposed. */
export function PolicyDialog(props: Of) {
  useReturnFocus();
  const small = useMediaQuery('(max-width: 40em)') === true;
  const { data, error, refetch } = useQuery(policyQuery(props.place.environment));
  return (
    <Modal
      opened
      onClose={props.close}
      returnFocus={false}
      size="xl"
      fullScreen={small}
      title={`Protection of ${props.place.environment}`}
    >
      {data ? (
        <Editor {...props} view={data} />
      ) : error ? (
        <Failure error={error} retry={() => void refetch()} compact />
      ) : (
        <BlockSkeleton rows={2} height={90} />
      )}
    </Modal>
  );
}

function Editor({ place, close, view }: Of & { readonly view: PolicyView }) {
  const editor = usePolicyEditor(place, view);
  const { saving, spec } = editor;
  const [reason, setReason] = useState('');
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (editor.possible && spec !== undefined)
      saving.mutate({ spec, reason: reason.trim() }, { onSuccess: close });
  };
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        <SegmentedControl
          aria-label="How to edit it"
          data={[
            { value: 'form', label: 'Form' },
            { value: 'yaml', label: 'YAML' },
          ]}
          value={editor.way}
          onChange={editor.turn}
          style={{ alignSelf: 'flex-start' }}
        />
        <Content place={place} editor={editor} />
        <Outcome place={place} editor={editor} />
        <TextInput
          label="Reason"
          description={
            editor.isFirst ? 'One line, kept with the commit.' : 'For who approves it; kept with the commit.'
          }
          required
          pattern=".*\S.*"
          maxLength={500}
          autoComplete="off"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            {...(editor.removes ? { color: 'red' } : {})}
            disabled={!editor.possible || reason.trim() === ''}
            loading={saving.isPending}
          >
            {editor.isFirst ? 'Protect now' : editor.removes ? 'Propose to remove it' : 'Propose'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Content({ place, editor }: { place: FormPlace; editor: PolicyEditor }) {
  if (editor.way === 'form')
    return (
      <RulesForm place={place} draft={editor.draft} problems={editor.problems} change={editor.setDraft} />
    );
  return (
    <Textarea
      label="Policy"
      description="The rules and rollback of its EnvironmentPolicy."
      autosize
      minRows={8}
      maxRows={22}
      maxLength={20_000}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' } }}
      value={editor.yaml}
      onChange={(event) => void editor.setYaml(event.currentTarget.value)}
    />
  );
}

/** What the policy would say, and what of it is wrong: said by the server while somebody types. */
function Outcome({ place, editor }: { place: FormPlace; editor: PolicyEditor }) {
  const { difference, problems, saving, checkError } = editor;
  const beside = editor.way === 'form' ? otherProblems(problems, editor.draft) : problems;
  return (
    <Stack gap="xs">
      <div aria-live="polite" aria-busy={editor.checking} className={classes.outcome}>
        {difference.length > 0 && (
          <>
            <Text size="sm" fw={600} mb={4}>
              {editor.isFirst ? 'What it says' : 'What changes'}
            </Text>
            <Difference of={difference} label="The policy in words" />
          </>
        )}
      </div>
      {checkError && problems.length === 0 && (
        <Text size="sm" c="var(--red)" role="alert">
          It could not be checked: {messageOf(checkError)}
        </Text>
      )}
      <ProblemList
        title={saving.error ? 'It was not accepted' : 'This would not be accepted'}
        problems={beside}
      />
      <Text size="sm" c="dimmed">
        {editor.isFirst
          ? `The first policy of ${place.environment} holds at once: it only tightens. Every later change needs somebody else who approves it.`
          : 'Nothing changes until somebody else approves it: another org-admin, whom the present policy names as approver, or a sovereign-admin.'}
      </Text>
    </Stack>
  );
}
