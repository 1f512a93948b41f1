import type { PolicyView } from '@catalyst/model/api/policies.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemError, problemsOf } from '../api/client.ts';
import { toYaml } from '../applications/to-yaml.ts';
import { checkQuery, policyQuery, proposePolicy, putPolicy } from './policies-api.ts';
import { type PolicyDraft, type PolicySpec, toDraft, toSpec } from './policy-draft.ts';
import type { FormPlace } from './rule-forms.ts';

const typingMs = 350;

/** A policy while it is edited, as form or as YAML; what one of them says goes over to the other. */
export function usePolicyEditor(place: FormPlace, view: PolicyView) {
  const { environment } = place;
  // What others commit meanwhile does not change what is being edited.
  const [original] = useState<PolicySpec | undefined>(() => view.policies[0]?.spec);
  const [draft, setDraft] = useState<PolicyDraft>(() => toDraft(original, place) ?? nothing);
  const [way, setWay] = useState<'form' | 'yaml'>('form');
  const [yaml, setYaml] = useState('');
  const [read, setRead] = useState<Read>();
  const spec = way === 'form' ? toSpec(draft) : read?.spec;
  // Nothing is checked while a YAML cannot be read, nor where nothing would be left of nothing.
  const asked = spec === null && original === undefined ? undefined : spec;
  const [settled] = useDebouncedValue(asked, typingMs);
  const checked = useQuery(checkQuery(environment, settled));
  const saving = useSaving(place, original === undefined);
  const fromServer = settled === undefined ? [] : (checked.data?.problems ?? []);
  const unsaved = saving.error ? problemsOf(saving.error) : [];
  const unread = way === 'yaml' ? (read?.problems ?? []) : [];
  return {
    ...{ way, draft, yaml, spec, saving },
    isFirst: original === undefined,
    removes: spec === null,
    /** Of the sentences only while they are of what is edited now. */
    difference: settled === undefined ? [] : (checked.data?.difference ?? []),
    checking: settled !== asked || checked.isFetching,
    problems: unread.length > 0 ? unread : fromServer.length > 0 ? fromServer : unsaved,
    checkError: checked.error,
    possible: asked !== undefined && unread.length === 0,
    setDraft(next: PolicyDraft) {
      saving.reset();
      setDraft(next);
    },
    async setYaml(text: string) {
      saving.reset();
      setYaml(text);
      const parsed = await parseSpec(text, place);
      setRead(parsed);
    },
    turn(next: string) {
      saving.reset();
      if (next === 'form') {
        // What a form cannot show stays YAML until it is mended.
        const shown = read?.spec && toDraft(read.spec, place);
        if (!shown) return;
        setDraft(shown);
        setWay('form');
        return;
      }
      const now = toSpec(draft) ?? { rules: [] };
      setYaml(toYaml(now));
      setRead({ spec: now, problems: [] });
      setWay('yaml');
    },
  };
}

/** What a policy looks like while it is edited. */
export type PolicyEditor = ReturnType<typeof usePolicyEditor>;

const nothing: PolicyDraft = { rules: [], rollbackGated: false, rest: {} };

interface Read {
  readonly spec: PolicySpec | undefined;
  readonly problems: readonly Problem[];
}

function useSaving({ organization, environment }: FormPlace, isFirst: boolean) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: { spec: PolicySpec | null; reason: string }) => {
      if (isFirst) return { put: await putPolicy(environment, wanted) };
      return { proposed: await proposePolicy(environment, wanted) };
    },
    onSuccess: async ({ put, proposed }) => {
      const message = put
        ? `${environment} is protected from now on. ${put.note ?? ''}`
        : `The change of the policy is proposed. ${proposed?.why ?? ''}`;
      notifications.show({ message });
      await client.invalidateQueries({ queryKey: policyQuery(environment).queryKey });
      await client.invalidateQueries({ queryKey: ['organizations', organization] });
    },
  });
}

/** The parser is big, and few need it. */
async function parseSpec(text: string, place: FormPlace): Promise<Read> {
  const { parseYamlObject } = await import('@catalyst/model/yaml/parse-yaml.ts');
  const parsed = parseYamlObject(text, 'policy');
  if (!parsed.ok) return { spec: undefined, problems: parsed.problems };
  if (toDraft(parsed.value, place)) return { spec: parsed.value, problems: [] };
  const wrong = new ProblemError(422, 'Invalid', '`rules` is a list of rules, each with its `kind`.');
  return { spec: undefined, problems: problemsOf(wrong) };
}
