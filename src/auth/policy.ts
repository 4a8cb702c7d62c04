import type { RepositoryGlob } from "./repository_glob.ts";

/** What may be done to a repository; `list` shows its name in the catalog. */
export const POLICY_ACTIONS = ["pull", "push", "delete", "list"] as const;

/** What may be done to a repository. */
export type PolicyAction = typeof POLICY_ACTIONS[number];

/** To whom a rule applies. */
export type Subject =
  /** Everybody, signed in or not. */
  | { readonly kind: "anonymous" }
  /** Everybody who has signed in. */
  | { readonly kind: "users" }
  | { readonly kind: "user"; readonly name: string }
  | { readonly kind: "group"; readonly name: string };

/** A rule: for these repositories and these people, some actions are allowed and some denied. */
export interface PolicyRule {
  readonly repositories: readonly RepositoryGlob[];
  readonly subjects: readonly Subject[];
  readonly allow: ReadonlySet<PolicyAction>;
  readonly deny: ReadonlySet<PolicyAction>;
}

/** Decides by rules, the first that mentions the action for this repository and user. */
export class Policy {
  readonly #rules: readonly PolicyRule[];
  readonly #groups: ReadonlyMap<string, ReadonlySet<string>>;

  /** @param groups the names of their members */
  constructor(
    rules: readonly PolicyRule[],
    groups: ReadonlyMap<string, ReadonlySet<string>>,
  ) {
    this.#rules = rules;
    this.#groups = groups;
  }

  /**
   * Tells whether somebody may do something. What no rule mentions nobody may do.
   *
   * @param userName empty for somebody who has not signed in
   */
  may(userName: string, action: string, repository: string): boolean {
    for (const { repositories, subjects, allow, deny } of this.#rules) {
      const isAllowed = (allow as ReadonlySet<string>).has(action);
      if (!isAllowed && !(deny as ReadonlySet<string>).has(action)) continue;
      if (!subjects.some((subject) => this.#isMeant(subject, userName))) continue;
      if (repositories.some((fits) => fits(repository, userName))) return isAllowed;
    }
    return false;
  }

  #isMeant(subject: Subject, userName: string): boolean {
    if (subject.kind === "anonymous") return true;
    if (userName === "") return false;
    switch (subject.kind) {
      case "users":
        return true;
      case "user":
        return subject.name === userName;
      case "group":
        return this.#groups.get(subject.name)?.has(userName) ?? false;
    }
  }
}
