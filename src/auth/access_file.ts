/**
 * The file that `auth.stowage.path` names: users, groups and rules.
 *
 * @module
 */

import { parse as parseYaml } from "@std/yaml";
import * as z from "zod";
import { AuthError } from "./errors.ts";
import { bcryptCost, type UserHashes } from "./htpasswd_file.ts";
import { Policy, POLICY_ACTIONS, type PolicyAction, type Subject } from "./policy.ts";
import { compileGlob, globProblem } from "./repository_glob.ts";

/** What such a file says. */
export interface AccessFile {
  /** A file of further users, as it is written there. */
  readonly htpasswd?: string;
  /** The users that the file itself names. */
  readonly users: UserHashes;
  readonly policy: Policy;
}

const USER_NAME_REGEXP = /^[^:\s\p{Cc}](?:[^:\p{Cc}]*[^:\s\p{Cc}])?$/u;

/** One or several. */
function oneOrMore<Item extends z.ZodType>(item: Item) {
  return z.union([item.transform((only) => [only]), z.array(item).min(1)]);
}

const userName = z.string().max(256).regex(USER_NAME_REGEXP, "must be a name without colons");
const glob = z.string().superRefine((pattern, { addIssue }) => {
  const message = globProblem(pattern);
  if (message !== undefined) addIssue({ code: "custom", message });
});
const actions = oneOrMore(z.enum(POLICY_ACTIONS));
const subject = z.string().transform((text, { addIssue }): Subject => {
  if (text === "anonymous" || text === "users") return { kind: text };
  const [, kind, name] = /^(user|group):(.+)$/.exec(text) ?? [];
  if ((kind === "user" || kind === "group") && name !== undefined) return { kind, name };
  addIssue('must be "anonymous", "users", "user:NAME" or "group:NAME"');
  return z.NEVER;
});

const rule = z.strictObject({
  repositories: oneOrMore(glob),
  who: oneOrMore(subject),
  allow: actions.optional(),
  deny: actions.optional(),
}).refine(({ allow, deny }) => allow !== undefined || deny !== undefined, {
  message: "must allow or deny something",
});

const file = z.strictObject({
  htpasswd: z.string().min(1).optional(),
  users: z.record(
    userName,
    z.string().refine((hash) => bcryptCost(hash) !== undefined, "must be a bcrypt hash"),
  ).nullish(),
  groups: z.record(z.string().min(1), z.array(userName)).nullish(),
  rules: z.array(rule).nullish(),
}).superRefine(({ groups, rules }, { addIssue }) => {
  for (const [index, { who }] of (rules ?? []).entries()) {
    for (const { kind, name } of who.filter((one) => one.kind === "group")) {
      if (Object.hasOwn(groups ?? {}, name)) continue;
      addIssue({ code: "custom", path: ["rules", index, "who"], message: `no ${kind} "${name}"` });
    }
  }
});

/**
 * Reads the text of such a file.
 *
 * @throws {AuthError} unavailable: every problem of it, none with a secret
 */
export function parseAccessFile(text: string): AccessFile {
  const result = file.safeParse(readYaml(text));
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) =>
      `${path.map(String).join(".") || "the file"}: ${message}`
    );
    throw unusable(problems.join("; "));
  }
  const { htpasswd, users, groups, rules } = result.data;
  const members = Object.entries(groups ?? {}).map(([name, names]) =>
    [name, new Set(names)] as const
  );
  const compiled = (rules ?? []).map(({ repositories, who, allow, deny }) => ({
    repositories: repositories.map(compileGlob),
    subjects: who,
    allow: new Set<PolicyAction>(allow),
    deny: new Set<PolicyAction>(deny),
  }));
  return {
    ...htpasswd === undefined ? {} : { htpasswd },
    users: new Map(Object.entries(users ?? {})),
    policy: new Policy(compiled, new Map(members)),
  };
}

function readYaml(text: string): unknown {
  try {
    return (parseYaml as (yaml: string) => unknown)(text) ?? {};
  } catch (error) {
    // The rest of the message shows lines of the file, which may hold hashes.
    const [message = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw unusable(message);
  }
}

function unusable(reason: string): AuthError {
  return new AuthError("unavailable", { message: `Cannot use the access file: ${reason}` });
}
