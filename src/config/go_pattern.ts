/** What came of a pattern. */
export type GoPatternResult = { readonly regexp: RegExp } | { readonly reason: string };

/** Go's classes of ASCII characters, for use between brackets. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

/** What Go writes otherwise; nothing where JavaScript cannot say it. */
const REWRITTEN: Readonly<Record<string, string>> = {
  "(?P<": "(?<",
  "\\A": "(?<![\\s\\S])",
  "\\z": "(?![\\s\\S])",
};

/** An escape, so that none is taken apart, or what the two languages read differently. */
const TOKEN_REGEXP = /\\x\{|\\[\s\S]|\(\?P<|\(\?<?[=!]|\[:\^?\w+:\]/g;

/** What JavaScript would silently take for something else. */
const REFUSED_REGEXP = /^(?:\\[pPQEC1-9]|\\x\{|\(\?<?[=!]|\[:.*)$/;

/**
 * Compiles a regular expression of Go; its flags may stand at the beginning, `(?i)`. Look-around
 * and back-references, which Go lacks, and classes of Unicode, which JavaScript writes otherwise,
 * are refused.
 *
 * Source: Go's `regexp/syntax`.
 */
export function compileGoPattern(pattern: string): GoPatternResult {
  const [head = "", flags = ""] = /^\(\?([a-zA-Z]+)\)/.exec(pattern) ?? [];
  const refused: string[] = /[^ims]/.test(flags) ? [head] : [];
  const source = pattern.slice(head.length).replace(TOKEN_REGEXP, (token) => {
    const characters = CLASSES[/^\[:(\w+):\]$/.exec(token)?.[1] ?? ""];
    const rewritten = characters ?? REWRITTEN[token];
    if (rewritten !== undefined) return rewritten;
    if (REFUSED_REGEXP.test(token)) refused.push(token);
    return token;
  });
  const [first] = refused;
  if (first !== undefined) return { reason: `"${first}" is not supported` };
  try {
    return { regexp: new RegExp(source, [...new Set(flags)].join("")) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
