/**
 * A text as one word of a command in a POSIX shell or zsh, quoted only if necessary. zsh expands a
 * word that begins with `=`.
 */
export function shellWord(text: string): string {
  if (/^[\w@%+:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
