import { resolve } from "@std/path";
import type { StorageDriverConfig } from "../config/config.ts";
import { isAnyAddress, type ListenAddress } from "../server/listen_address.ts";
import { PROGRAM } from "./program.ts";

/** What the welcome tells of a registry that was started without a configuration. */
export interface WelcomeFacts {
  readonly address: ListenAddress;
  /** Whether it speaks TLS. */
  readonly tls: boolean;
  readonly driver: StorageDriverConfig;
}

/** An image that is small and that everybody knows. */
const FIRST_IMAGE = "alpine";

/**
 * Writes what a person needs who has just started a registry for the first time: where it is, where
 * its data is, and how to push a first image.
 */
export function renderWelcome(facts: WelcomeFacts): string {
  return [
    `${PROGRAM.title} ${PROGRAM.version} is ready.`,
    [
      `  Registry   ${describeAddress(facts)}`,
      `  Data       ${describeData(facts.driver)}`,
      "  Settings   built in, since no configuration file was named",
    ].join("\n"),
    describeFirstPush(facts),
    "Press Ctrl-C to stop.",
  ].join("\n\n") + "\n";
}

function describeAddress({ address, tls }: WelcomeFacts): string {
  if (address.transport === "unix") return `unix socket ${address.path}`;
  return `${tls ? "https" : "http"}://${clientHost(address)}`;
}

/** Host and port that a client on this machine uses. */
function clientHost({ hostname, port }: ListenAddress & { transport: "tcp" }): string {
  const host = isAnyAddress(hostname) ? "127.0.0.1" : hostname;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function describeData(driver: StorageDriverConfig): string {
  switch (driver.name) {
    case "filesystem":
      return (resolve as (path: string) => string)(driver.rootDirectory);
    case "inmemory":
      return "in memory, gone when the program ends";
    default:
      return `on ${driver.name}`;
  }
}

function describeFirstPush({ address, tls }: WelcomeFacts): string {
  if (address.transport === "unix") {
    return `Try it:\n\n  curl --unix-socket ${address.path} http://localhost/v2/`;
  }
  const target = `${clientHost(address)}/${FIRST_IMAGE}`;
  const insecure = tls ? "" : "--dest-tls-verify=false ";
  return [
    "Push a first image from another terminal:",
    "",
    `  docker pull ${FIRST_IMAGE}`,
    `  docker tag ${FIRST_IMAGE} ${target}`,
    `  docker push ${target}`,
    "",
    "or, with skopeo alone:",
    "",
    `  skopeo copy ${insecure}docker://docker.io/library/${FIRST_IMAGE} docker://${target}`,
  ].join("\n");
}
