const maxDepth = 60;

/** A JSON value as YAML that people read: block style, strings quoted only where they must be. For display only. */
export function toYaml(value: unknown): string {
  return `${render(value, 0).join('\n')}\n`;
}

function render(value: unknown, depth: number): string[] {
  if (depth > maxDepth) return ['…'];
  if (Array.isArray(value))
    return value.length === 0 ? ['[]'] : value.flatMap((item) => nested('-', item, depth));
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, child]) => child !== undefined);
    return entries.length === 0
      ? ['{}']
      : entries.flatMap(([key, child]) => nested(`${scalar(key)}:`, child, depth));
  }
  return [scalar(value)];
}

function nested(head: string, value: unknown, depth: number): string[] {
  if (typeof value === 'string' && value.includes('\n')) {
    const mark = value.endsWith('\n') ? '|' : '|-';
    return [
      `${head} ${mark}`,
      ...value
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => (line === '' ? '' : `  ${line}`)),
    ];
  }
  const lines = render(value, depth + 1);
  const isBlock = value !== null && typeof value === 'object' && lines[0] !== '[]' && lines[0] !== '{}';
  if (!isBlock) return [`${head} ${lines[0] ?? ''}`];
  if (head === '-') return lines.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
  return [head, ...lines.map((line) => `  ${line}`)];
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'null';
  const plain =
    /^[A-Za-z0-9_./$(][^#\p{Cc}]*$/u.test(value) &&
    !/: |:$|\s$|^(?:true|false|null|yes|no|on|off|~|[-+.]?\d[\d_.eE+:-]*|0[xob][\da-f]+|\.(?:inf|nan))$/i.test(
      value,
    );
  return plain ? value : JSON.stringify(value);
}
