/**
 * Characters that a terminal or a log viewer interprets instead of showing: control characters
 * (C0, DEL, C1), line and paragraph separators, and marks that change the direction of text.
 */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Replaces control characters by JSON escapes such as `\u001b` or `\n`. */
export function escapeControls(text: string): string {
  return text.replaceAll(CONTROLS, (character) => {
    const escape = JSON.stringify(character).slice(1, -1);
    if (escape !== character) return escape;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
