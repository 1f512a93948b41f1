import type { LogLineView } from '@catalyst/model/api/applications.ts';

/** Cuts a chunk into whole lines, empty ones left out; `rest` is the beginning of the next. */
export function splitLines(before: string, chunk: string): { lines: string[]; rest: string } {
  const parts = `${before}${chunk}`.split('\n');
  const rest = parts.pop() ?? '';
  return { lines: parts.filter((part) => part.trim() !== ''), rest };
}

/** Reads log lines (NDJSON) in batches as they arrive; ends with the stream. */
export async function* readLogLines(response: Response): AsyncGenerator<LogLineView[]> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const split = splitLines(rest, value);
    rest = split.rest;
    const lines = split.lines.flatMap(parseLine);
    if (lines.length > 0) yield lines;
  }
  const last = parseLine(rest);
  if (last.length > 0) yield last;
}

function parseLine(text: string): LogLineView[] {
  if (text.trim() === '') return [];
  try {
    return [JSON.parse(text) as LogLineView];
  } catch {
    return [];
  }
}
