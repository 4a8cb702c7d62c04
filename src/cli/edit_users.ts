import { dirname, join } from "@std/path";
import { withUser } from "../auth/htpasswd_file.ts";
import { BCRYPT_COST } from "../auth/users_file.ts";
import { toBytes } from "../base/bytes.ts";
import { type Command, printLine, type Surroundings } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";

/** What bcrypt looks at; the rest of a longer password would count for nothing. */
const MAX_PASSWORD_BYTES = 72;

const USER_REGEXP = /^[^:\s\p{Cc}#][^:\s\p{Cc}]*$/u;

/** `stowage htpasswd`. */
export const HTPASSWD_COMMAND: Command = {
  about: "Set a password in a file of users",
  operands: ["FILE", "USER"],
  details: [
    "Asks for the password twice, or reads it from the standard input where that is\n" +
    "no terminal, and writes its bcrypt hash. A registry that runs reads the file\n" +
    "again by itself.",
  ],
  flags: [
    { name: "create", short: "c", about: "Make the file, which must not be there yet" },
    { name: "delete", short: "D", about: "Take the user out instead" },
  ],
  examples: [
    { command: "stowage htpasswd -c users alice", about: "A new file with one user" },
    { command: "stowage htpasswd users bob", about: "One more user, or a new password" },
    { command: "echo secret | stowage htpasswd users ci", about: "From a script" },
  ],
  async run({ operands: [path, userName], flags }, surroundings) {
    const { stderr } = surroundings;
    if (path === undefined || userName === undefined) {
      await printLine(stderr, 'Name the file and the user: "stowage htpasswd FILE USER"');
      return EXIT_CODES.usage;
    }
    const problem = await edit({ path, userName, flags }, surroundings);
    if (problem === undefined) return EXIT_CODES.success;
    await printLine(stderr, problem);
    return EXIT_CODES.failure;
  },
};

interface Edit {
  readonly path: string;
  readonly userName: string;
  readonly flags: ReadonlySet<string>;
}

/** Does it; gives what speaks against it. */
async function edit(
  { path, userName, flags }: Edit,
  surroundings: Surroundings,
): Promise<string | undefined> {
  if (!USER_REGEXP.test(userName)) {
    return `Choose another name than "${userName}": it may have no colon and no blank`;
  }
  const isNew = flags.has("create");
  const text = await readOptional(path);
  if (isNew && text !== undefined) {
    return `Leave -c out to add to "${path}": it is there already`;
  }
  if (!isNew && text === undefined) return `Add -c to make "${path}": there is no such file`;
  if (flags.has("delete")) {
    const rest = withUser(text ?? "", { userName, hash: undefined });
    if (rest === text) return `Cannot find "${userName}" in "${path}"`;
    await replaceFile(path, rest);
    return undefined;
  }
  const password = await askPassword(surroundings);
  if ("problem" in password) return password.problem;
  const { hash } = await import("bcryptjs");
  const line = { userName, hash: await hash(password.value, BCRYPT_COST) };
  await replaceFile(path, withUser(text ?? "", line));
  await printLine(surroundings.stdout, `Wrote the password of "${userName}" to "${path}"`);
  return undefined;
}

async function askPassword(
  { readSecret, stdinIsTerminal }: Surroundings,
): Promise<{ readonly value: string } | { readonly problem: string }> {
  const value = await readSecret("Password: ") ?? "";
  if (value === "") return { problem: "Nothing was changed: no password was given" };
  if (toBytes(value).byteLength > MAX_PASSWORD_BYTES) {
    return { problem: `Choose a password of at most ${MAX_PASSWORD_BYTES} bytes` };
  }
  if (stdinIsTerminal && await readSecret("Again: ") !== value) {
    return { problem: "Nothing was changed: the passwords are not the same" };
  }
  return { value };
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Replaces a file as a whole, so that a registry never reads half of it; its rights stay. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary: string = join(dirname(path), `.${crypto.randomUUID()}.tmp`);
  const { mode } = await Deno.stat(path).catch(() => ({ mode: null }));
  try {
    await Deno.writeTextFile(temporary, text, { createNew: true, mode: (mode ?? 0o600) & 0o777 });
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
