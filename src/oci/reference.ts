/**
 * Names of repositories and tags.
 *
 * Source: reference of Distribution, "Grammar"; OCI distribution specification, "Pulling manifests".
 *
 * @module
 */

/** Longest repository name, as {@linkcode repositoryNameLength} counts it, in characters. */
export const NAME_MAX_LENGTH = 255;

const ALNUM = "[a-z0-9]+";
const SEPARATOR = "(?:[._]|__|-+)";
const COMPONENT = `${ALNUM}(?:${SEPARATOR}${ALNUM})*`;
const DOMAIN_LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN_NAME = `${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*`;
const IPV6 = "\\[[a-fA-F0-9:]+\\]";
const DOMAIN = `(?:${DOMAIN_NAME}|${IPV6})(?::[0-9]+)?`;

/** The grammar of a repository name, for use inside a larger expression. */
export const NAME_PATTERN = `(?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*`;

/** The grammar of a tag, for use inside a larger expression. */
export const TAG_PATTERN = "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}";

const NAME_REGEXP = new RegExp(`^${NAME_PATTERN}$`);
const TAG_REGEXP = new RegExp(`^${TAG_PATTERN}$`);
const DOMAIN_REGEXP = new RegExp(`^${DOMAIN}/`);

/** Tells whether `text` may name a tag. */
export function isTag(text: string): boolean {
  return TAG_REGEXP.test(text);
}

/** Tells whether `text` is a repository name by its characters; its length is another question. */
export function isRepositoryName(text: string): boolean {
  return NAME_REGEXP.test(text);
}

/**
 * The length that counts against {@linkcode NAME_MAX_LENGTH}: that of the name without its first
 * part, if that may be a domain, or of the domain, if that is longer.
 *
 * Distribution does not limit the domain; but no file system takes a longer folder name.
 */
export function repositoryNameLength(name: string): number {
  const domain = DOMAIN_REGEXP.exec(name)?.[0] ?? "";
  return Math.max(name.length - domain.length, domain.length - 1);
}
