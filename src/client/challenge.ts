/** What a registry says about how to be asked. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const SCHEME_REGEXP = /^[\s,]*([A-Za-z][A-Za-z0-9._~+/-]*)(?=\s|,|$)/;
const PARAMETER_REGEXP =
  /^[\s,]*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/;

/** A header longer than this is no challenge that a registry has reason to send, in characters. */
const MAX_LENGTH = 16_384;

/**
 * Reads the challenges of a `WWW-Authenticate` header. What cannot be read ends the list.
 *
 * Source: RFC 9110, section 11.6.1.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = header.length > MAX_LENGTH ? "" : header;
  while (rest !== "") {
    const parameter = PARAMETER_REGEXP.exec(rest);
    const current = challenges.at(-1);
    if (parameter !== null && current !== undefined) {
      const [whole, name = "", quoted, plain = ""] = parameter;
      // The first one of a name counts, so that nothing behind it replaces it.
      current.parameters[name.toLowerCase()] ??= quoted?.replaceAll(/\\(.)/g, "$1") ?? plain;
      rest = rest.slice(whole.length);
      continue;
    }
    const scheme = SCHEME_REGEXP.exec(rest);
    if (scheme === null) break;
    challenges.push({ scheme: (scheme[1] ?? "").toLowerCase(), parameters: {} });
    rest = rest.slice(scheme[0].length);
  }
  return challenges;
}
