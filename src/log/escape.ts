/**
 * Makes text safe to stand in a log line: one line stays one line, and nothing that a client sends
 * can look like another field or move a terminal's cursor.
 *
 * Source: Go's `strconv.Quote`, whose escapes Distribution's logs have.
 *
 * @module
 */

/** What Go does not print as it is; marks, letters, numbers, signs and the ASCII blank are. */
const UNPRINTABLE_REGEXP = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;
const SPECIAL_REGEXP = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\]/gu;

/** Most text is plain; this is far cheaper than the two above. */
const PLAIN_REGEXP = /^[ !#-[\]-~]*$/;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

/** Escapes quotes, backslashes and everything unprintable, for use between two quotes. */
export function escapeQuoted(text: string): string {
  return PLAIN_REGEXP.test(text) ? text : text.replace(SPECIAL_REGEXP, escapeCharacter);
}

/** Escapes everything unprintable and leaves quotes alone, for text that stands by itself. */
export function escapeUnprintable(text: string): string {
  return PLAIN_REGEXP.test(text) ? text : text.replace(UNPRINTABLE_REGEXP, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}
