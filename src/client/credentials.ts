import type { Logger } from "@logtape/logtape";
import { toBytes, toText } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { SingleFlight } from "../base/single_flight.ts";

/** Who this program is to another registry. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Where credentials come from. */
export interface CredentialSource {
  /**
   * @param host host and port of the server that asks
   * @returns `undefined` to ask as nobody
   */
  get(host: string): Promise<Credentials | undefined>;
}

/** The same credentials always; without any, nobody's. */
export function staticCredentials(credentials: Credentials | undefined): CredentialSource {
  return { get: () => Promise.resolve(credentials) };
}

/** Runs a credential helper with a host on its standard input; gives its standard output. */
export type RunHelper = (command: string, host: string) => Promise<string>;

/** Options of {@linkcode HelperCredentials}. */
export interface HelperCredentialsOptions {
  readonly command: string;
  /** How long an answer is kept, in milliseconds; 0: not at all. @default for ever */
  readonly lifetimeMs?: number | undefined;
  readonly run: RunHelper;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Credentials from a program that speaks the protocol of Docker's credential helpers. One answer
 * serves every host. When it fails, that is logged, and the registry is asked as nobody.
 *
 * Source: reference of Distribution, "Start-up", `exec`.
 */
export class HelperCredentials implements CredentialSource {
  readonly #options: HelperCredentialsOptions;
  readonly #flights = new SingleFlight<Credentials | undefined>();
  #kept: { readonly credentials: Credentials; readonly untilMs: number } | undefined;

  constructor(options: HelperCredentialsOptions) {
    this.#options = options;
  }

  async get(host: string): Promise<Credentials | undefined> {
    const { clock } = this.#options;
    if (this.#kept !== undefined && clock.now() < this.#kept.untilMs) return this.#kept.credentials;
    return await this.#flights.run("", () => this.#ask(host));
  }

  async #ask(host: string): Promise<Credentials | undefined> {
    const { command, run, log, clock, lifetimeMs = Infinity } = this.#options;
    try {
      const credentials = readAnswer(await run(command, host));
      this.#kept = { credentials, untilMs: clock.now() + lifetimeMs };
      return credentials;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.error("credential helper failed", { "proxy.helper": command, "error.message": message });
      return undefined;
    }
  }
}

function readAnswer(output: string): Credentials {
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    // The output may hold a secret: it is not repeated.
    throw new Error("Cannot read the helper's answer: it is not JSON");
  }
  const { Username, Secret } = (answer ?? {}) as { Username?: unknown; Secret?: unknown };
  if (typeof Username !== "string" || typeof Secret !== "string") {
    throw new Error('Cannot read the helper\'s answer: "Username" or "Secret" is missing');
  }
  return { username: Username, password: Secret };
}

/** Longest wait for a helper, in milliseconds. */
const HELPER_TIMEOUT_MS = 30_000;

/** Runs a helper of the machine. @throws {Error} it cannot be run, or failed */
export async function runHelper(command: string, host: string): Promise<string> {
  const child = new Deno.Command(command, {
    args: ["get"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(HELPER_TIMEOUT_MS),
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(toBytes(host));
  await writer.close();
  const { success, code, stdout } = await child.output();
  if (!success) throw new Error(`Cannot use the helper's answer: it ended with code ${code}`);
  return toText(stdout);
}
