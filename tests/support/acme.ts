import { CA_CERTIFICATE, CERTIFICATE, KEY } from "../server/_certificates.ts";
import { freePort, ServerProcess } from "./process.ts";
import type { TempFolder } from "./temp.ts";
import { programPath } from "./tools.ts";

/** A real ACME authority, whose every host name leads to 127.0.0.1. */
export interface Authority extends AsyncDisposable {
  readonly directoryUrl: string;
  /** The port that it asks `http-01` questions at. */
  readonly httpPort: number;
  /** Path of the file of who signed its own certificate. */
  readonly caFile: string;
  /** Who signs the certificates that it gives out, in PEM form. */
  root(): Promise<string>;
}

/** Starts Pebble, and the name server that belongs to it. */
export async function startAuthority(temp: TempFolder): Promise<Authority> {
  const [port, managementPort, httpPort, dnsPort, dnsManagementPort] = Array.from(
    { length: 5 },
    freePort,
  );
  const caFile = await temp.write("acme-ca.crt", CA_CERTIFICATE);
  const config = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: await temp.write("acme.crt", CERTIFICATE),
    privateKey: await temp.write("acme.key", KEY),
    httpPort,
    tlsPort: httpPort,
    profiles: { default: { description: "the only one", validityPeriod: 90 * 24 * 3600 } },
  };
  const names = await ServerProcess.start({
    command: programPath("pebble-challtestsrv"),
    args: [
      "-defaultIPv4=127.0.0.1",
      "-defaultIPv6=",
      ...["http01", "https01", "tlsalpn01", "doh"].map((name) => `-${name}=`),
      `-dnsserver=127.0.0.1:${dnsPort}`,
      `-management=127.0.0.1:${dnsManagementPort}`,
    ],
    readyUrl: dnsManagementPort ?? 0,
  });
  const authority = await ServerProcess.start({
    command: programPath("pebble"),
    args: [
      `-config=${await temp.write("pebble.json", JSON.stringify({ pebble: config }))}`,
      `-dnsserver=127.0.0.1:${dnsPort}`,
    ],
    env: { PEBBLE_VA_NOSLEEP: "1" },
    readyUrl: port ?? 0,
  });
  return {
    directoryUrl: `https://localhost:${port}/dir`,
    httpPort: httpPort ?? 0,
    caFile,
    async root() {
      using client = Deno.createHttpClient({ caCerts: [CA_CERTIFICATE] });
      const response = await fetch(`https://127.0.0.1:${managementPort}/roots/0`, { client });
      return await response.text();
    },
    async [Symbol.asyncDispose]() {
      await authority.stop();
      await names.stop();
    },
  };
}
