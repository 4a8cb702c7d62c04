import { integer, type Output, section } from "../fields.ts";

const DEFAULT_ENTRIES = 1000;

/** The fields of `catalog`. */
export const catalogSection = section({
  maxentries: integer({
    about: "Most repositories in one answer; 0 or less: the default.",
    unit: "repositories",
    default: DEFAULT_ENTRIES,
    settle: (value) => value > 0 ? value : DEFAULT_ENTRIES,
  }),
}, { about: "The list of repositories." });

/** The fields of `tags`. */
export const tagsSection = section({
  maxtags: integer({
    about: "Most tags in one answer; 0: the default.",
    unit: "tags",
    default: DEFAULT_ENTRIES,
    min: 0,
    settle: (value) => value > 0 ? value : DEFAULT_ENTRIES,
  }),
}, { about: "The list of tags." });

/** The section `catalog`. */
export interface CatalogConfig {
  /** Most repositories in one answer, 1 or more. */
  readonly maxEntries: number;
}

/** The section `tags`. */
export interface TagsConfig {
  /** Most tags in one answer, 1 or more. */
  readonly maxTags: number;
}

/** Makes the section's final form. */
export function resolveCatalog(raw: Output<typeof catalogSection>): CatalogConfig {
  return { maxEntries: raw.maxentries };
}

/** Makes the section's final form. */
export function resolveTags(raw: Output<typeof tagsSection>): TagsConfig {
  return { maxTags: raw.maxtags };
}
