import type { Report } from "../_report.ts";
import { list, type Output, section, text } from "../fields.ts";

const CLASSES: readonly string[] = ["image", "plugin"];

/** The fields of `policy`. */
export const policySection = section({
  repository: section({
    classes: list(text({ about: "`image` or `plugin`." }), {
      about: "Classes of content that may be pushed; without any: everything.",
    }),
  }, { about: "Rules for repositories." }),
}, { about: "Rules for what may be pushed." });

/** The section `policy`. */
export interface PolicyConfig {
  /** Rules for repositories. */
  readonly repository: {
    /** Classes that may be pushed; empty: everything. */
    readonly classes: readonly string[];
  };
}

/** Makes the section's final form. */
export function resolvePolicy(raw: Output<typeof policySection>, report: Report): PolicyConfig {
  const { classes } = raw.repository;
  for (const [index, name] of classes.entries()) {
    if (CLASSES.includes(name)) continue;
    report.warn(["policy", "repository", "classes", index], {
      expected: '"image" or "plugin"',
      message: "Correct the class: no content is of this one",
    });
  }
  return { repository: { classes } };
}
