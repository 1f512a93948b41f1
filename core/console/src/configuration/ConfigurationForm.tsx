import type { Problem } from '@catalyst/model/problem.ts';
import Form from '@rjsf/mantine';
import type { RJSFSchema } from '@rjsf/utils';
import { memo, useMemo, useState } from 'react';
import { sortProblems } from './field-problems.ts';
import { templates, widgets } from './form-look.tsx';
import type { Values } from './form-values.ts';
import { toUiSchema } from './ui-schema.ts';
import { formValidator } from './validator.ts';

const defaultState = {
  emptyObjectFields: 'populateAllDefaults',
  allOf: 'populateDefaults',
  mergeDefaultsIntoFormData: 'useFormDataIfPresent',
} as const;

/**
 * The form of a Blueprint's configSchema. `problems` name fields as dotted paths from the root of the schema; those that the form
 * does not have are left to the page. Submitting is the page's own affair.
 */
export const ConfigurationForm = memo(function ConfigurationForm(props: {
  readonly schema: Values;
  readonly initial: Values;
  readonly problems: readonly Problem[];
  readonly disabled?: boolean;
  readonly change: (form: Values) => void;
}) {
  const { schema, problems } = props;
  const [form, setForm] = useState<Values>(props.initial);
  const uiSchema = useMemo(
    () => ({ ...toUiSchema(schema), 'ui:submitButtonOptions': { norender: true } }),
    [schema],
  );
  // Its title and description are those of the page.
  const drawn = useMemo(() => ({ ...schema, title: '', description: undefined }) as RJSFSchema, [schema]);
  const extraErrors = useMemo(() => sortProblems(schema, problems).atFields, [schema, problems]);
  return (
    <Form
      tagName="div"
      idPrefix="values"
      schema={drawn}
      uiSchema={uiSchema}
      formData={form}
      validator={formValidator}
      templates={templates}
      widgets={widgets}
      extraErrors={extraErrors}
      showErrorList={false}
      noHtml5Validate
      disabled={props.disabled === true}
      experimental_defaultFormStateBehavior={defaultState}
      onChange={({ formData }) => {
        const values = (formData ?? {}) as Values;
        setForm(values);
        props.change(values);
      }}
    />
  );
});
