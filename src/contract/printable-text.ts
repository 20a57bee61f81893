/**
 * What a terminal or a log viewer would act on instead of showing it: control
 * characters (C0, DEL, C1), line and paragraph separators, and the marks that turn the
 * direction of text around.
 */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** A text with every such character as an escape of JSON, such as `\u001b` or `\n`. */
export function escapeControls(text: string): string {
  return text.replaceAll(CONTROLS, (character) => {
    const escape = JSON.stringify(character).slice(1, -1);
    if (escape !== character) return escape;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
