const wordStart = /[A-Za-z_]/;
const word = /[A-Za-z0-9_]/;
/** Words after which an operand begins, although they are written as names. */
const operators = new Set(['in']);

/** End of the string literal that begins at `at`, after its prefix; the length of the text where it never ends. */
function endOfString(text: string, at: number, raw: boolean): number {
  const quote = text[at] ?? '';
  const triple = text.startsWith(quote.repeat(3), at);
  const closing = triple ? quote.repeat(3) : quote;
  let index = at + closing.length;
  while (index < text.length) {
    if (text[index] === '\\' && !raw) index += 2;
    else if (text.startsWith(closing, index)) return index + closing.length;
    else index += 1;
  }
  return text.length;
}

/**
 * CEL of an expression in the words of Blueprints, where `.config.a` and `.application.name` begin with a dot: a dot before which no
 * operand stands becomes a blank. Nothing else changes, so places in error messages hold. String literals are left alone.
 */
export function toCel(expression: string): string {
  let cel = '';
  let afterOperand = false;
  let index = 0;
  while (index < expression.length) {
    const character = expression[index] ?? '';
    let end = index + 1;
    if (/\s/.test(character)) {
      cel += character;
      index = end;
      continue;
    }
    if (character === '"' || character === "'") {
      end = endOfString(expression, index, false);
      afterOperand = true;
    } else if (wordStart.test(character)) {
      while (word.test(expression[end] ?? '')) end += 1;
      const name = expression.slice(index, end);
      const quote = expression[end];
      const isPrefix = /^(?:r|R|b|B|rb|RB|br|BR|rB|Rb|bR|Br)$/.test(name) && (quote === '"' || quote === "'");
      if (isPrefix) end = endOfString(expression, end, /r/i.test(name));
      afterOperand = isPrefix || !operators.has(name);
    } else if (/[0-9]/.test(character)) {
      while (/[0-9A-Za-z_.]/.test(expression[end] ?? '')) end += 1;
      afterOperand = true;
    } else if (character === '.' && !afterOperand && wordStart.test(expression[end] ?? '')) {
      cel += ' ';
      index = end;
      continue;
    } else afterOperand = character === ')' || character === ']' || character === '}';
    cel += expression.slice(index, end);
    index = end;
  }
  return cel;
}
