import type { Report } from "../_report.ts";
import { choice, flag, list, type Output, section, text } from "../fields.ts";
import { compileGoPattern } from "../go_pattern.ts";

const pattern = text({ about: "A regular expression." });

const urls = section({
  allow: list(pattern, {
    about: "Regular expressions of Go, not anchored. Allowed are URLs that one of them matches; " +
      "with `deny` alone, all others.",
  }),
  deny: list(pattern, { about: "Likewise, of URLs that are refused although allowed." }),
}, { about: "URLs of layers that are elsewhere; without rules none is allowed." });

const indexes = section({
  platforms: choice(["all", "none", "list"], {
    about: "Of which platforms an index's manifests must be there, in any case.",
    default: "all",
    ignoreCase: true,
  }),
  platformlist: list(
    section({
      architecture: text({ about: "Architecture, such as `amd64`.", required: true }),
      os: text({ about: "Operating system, such as `linux`.", required: true }),
    }, { about: "A platform." }),
    { about: "The platforms of `list`." },
  ),
}, { about: "Manifests that an index names." });

/** The fields of `validation`. */
export const validationSection = section({
  enabled: flag({
    about: "Wins over `disabled: true`; otherwise without effect.",
    defaultText: "not set",
  }),
  disabled: flag({
    about: "Check neither URLs nor the manifests of an index.",
    default: false,
  }),
  manifests: section({
    urls,
    indexes,
    blobs: choice(["all", "none"], {
      about: "Which blobs of an image must be there before its manifest is taken; `none` takes " +
        "sparse images too.",
      default: "all",
      own: true,
    }),
  }, { about: "Manifests." }),
}, { about: "Checks of manifests that are pushed." });

/** A platform whose manifest must be there. */
export interface PlatformConfig {
  /** Such as `amd64`. */
  readonly architecture: string;
  /** Such as `linux`. */
  readonly os: string;
}

/** The section `validation`. */
export interface ValidationConfig {
  /** Whether URLs and the manifests of an index are checked. */
  readonly enabled: boolean;
  /** Rules for manifests. */
  readonly manifests: {
    readonly urls: {
      /** Patterns of Go that `compileGoPattern` has taken; with `deny` empty too: no URL. */
      readonly allow: readonly string[];
      readonly deny: readonly string[];
    };
    readonly indexes: {
      readonly platforms: "all" | "none" | "list";
      readonly platformList: readonly PlatformConfig[];
    };
    /** Which blobs of an image must be there. */
    readonly blobs: "all" | "none";
  };
}

/** Makes the section's final form. */
export function resolveValidation(
  raw: Output<typeof validationSection>,
  report: Report,
): ValidationConfig {
  const { manifests } = raw;
  for (const kind of ["allow", "deny"] as const) {
    for (const [index, source] of manifests.urls[kind].entries()) {
      const result = compileGoPattern(source);
      if ("regexp" in result) continue;
      report.problem(["validation", "manifests", "urls", kind, index], {
        expected: "a regular expression of Go",
        message: `Correct the regular expression: ${result.reason}`,
      });
    }
  }
  return {
    enabled: !raw.disabled || raw.enabled === true,
    manifests: {
      urls: manifests.urls,
      indexes: {
        platforms: manifests.indexes.platforms,
        platformList: manifests.indexes.platformlist,
      },
      blobs: manifests.blobs,
    },
  };
}
