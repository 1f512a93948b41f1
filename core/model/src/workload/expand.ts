/**
 * Kubernetes' `$(NAME)` expansion: a known name is replaced by its value, `$$(NAME)` stands for the text `$(NAME)`, and an unknown
 * name stays as it is.
 */
export function expandVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (all: string, name: string | undefined) => {
    if (name === undefined) return '$';
    return Object.hasOwn(variables, name) ? (variables[name] ?? all) : all;
  });
}
