/** Takes a commit message apart: its first line, and what people wrote below it; trailers that Catalyst writes are for programs. */
export function readMessage(message: string): { readonly subject: string; readonly body: string } {
  const [subject = '', ...rest] = message.split('\n');
  const body = rest.filter((line) => !/^Catalyst-[A-Za-z-]+: /.test(line)).join('\n');
  return { subject, body: body.trim() };
}
