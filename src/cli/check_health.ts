import { toBytes, toText } from "../base/bytes.ts";
import type { Config } from "../config/config.ts";
import { readConfig } from "../config/read.ts";
import {
  formatListenAddress,
  isAnyAddress,
  type ListenAddress,
  parseListenAddress,
} from "../server/listen_address.ts";
import { type Command, printLine } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";

/** Longest wait for the whole answer, in milliseconds. */
const TIMEOUT_MS = 5000;

/** `stowage health`. */
export const HEALTH_COMMAND: Command = {
  about: "Ask a running registry how it is",
  operands: ["CONFIG"],
  details: [
    "Asks at http.addr of the configuration that the registry runs with. The exit\n" +
    "code is 0 if it answers and its health checks pass, else 1: made for the\n" +
    "health checks of containers. With TLS it only tries to connect.",
  ],
  flags: [],
  examples: [{ command: "stowage health config.yml", about: "Exit 0 if that registry is well" }],
  async run({ operands: [path] }, { env, stdout, stderr }) {
    const { config } = await readConfig({ env, ...path === undefined ? {} : { path } });
    const address = localAddress(config);
    const problem = await ask(address, config);
    const where = formatListenAddress(address);
    if (problem === undefined) {
      await printLine(stdout, `healthy: ${where}`);
      return EXIT_CODES.success;
    }
    await printLine(stderr, `unhealthy: ${where}: ${problem}`);
    return EXIT_CODES.failure;
  },
};

/** Where this machine reaches the listener. */
function localAddress({ http }: Config): ListenAddress {
  const address = parseListenAddress(http.addr, http);
  if (address.transport === "unix" || !isAnyAddress(address.hostname)) return address;
  return { ...address, hostname: "127.0.0.1" };
}

/** What is wrong; `undefined` where all is well. */
async function ask(address: ListenAddress, { http }: Config): Promise<string | undefined> {
  let connection: Deno.Conn | undefined;
  const timer = setTimeout(() => connection?.close(), TIMEOUT_MS);
  try {
    connection = await connect(address);
    if (http.tls !== undefined) return undefined;
    // It is in no log, asks for no credentials, and says what is wrong.
    const request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    await connection.write(toBytes(request));
    return describeAnswer(await readStart(connection));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
    closeQuietly(connection);
  }
}

function connect(address: ListenAddress): Promise<Deno.Conn> {
  if (address.transport === "unix") return Deno.connect(address);
  const { hostname, port } = address;
  return Deno.connect({ hostname, port });
}

/** The first bytes of an answer: its status is in there, and a short body as well. */
async function readStart(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  const length = await connection.read(buffer);
  return toText(buffer.subarray(0, length ?? 0));
}

function describeAnswer(answer: string): string | undefined {
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1] ?? 0);
  if (status === 200) return undefined;
  if (status === 0) return "the answer is not HTTP";
  const [, ...body] = answer.split("\r\n\r\n");
  const reasons = body.join("").trim().replaceAll("\n", "; ");
  return `status ${status}${reasons === "" ? "" : `, ${reasons}`}`;
}

function closeQuietly(connection: Deno.Conn | undefined): void {
  try {
    connection?.close();
  } catch {
    // The timer has closed it.
  }
}
