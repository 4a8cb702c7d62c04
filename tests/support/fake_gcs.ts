/**
 * A server of Google Cloud Storage: `fake-gcs-server`, with its data in memory.
 *
 * @module
 */
import type { GcsConfig } from "../../src/config/sections/storage_gcs.ts";
import { freePort, ServerProcess } from "./process.ts";
import { programPath } from "./tools.ts";

/** A server that runs until the block that holds it is left. */
export interface FakeGcs extends AsyncDisposable {
  readonly process: ServerProcess;
  /** Makes an empty bucket and gives the configuration of a driver for it. */
  makeBucket(): Promise<GcsConfig>;
}

/** Starts a server. */
export async function startFakeGcs(): Promise<FakeGcs> {
  const port = freePort();
  const host = `127.0.0.1:${port}`;
  const url = `http://${host}`;
  const process = await ServerProcess.start({
    command: programPath("fake-gcs-server"),
    args: [
      ...["-scheme", "http", "-host", "127.0.0.1", "-port", String(port)],
      ...["-backend", "memory", "-public-host", host, "-external-url", url, "-log-level", "error"],
    ],
    readyUrl: `${url}/storage/v1/b?project=test`,
  });
  return {
    process,
    async makeBucket() {
      const bucket = `registry-${crypto.randomUUID()}`;
      const response = await fetch(`${url}/storage/v1/b?project=test`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: bucket }),
      });
      await response.body?.cancel();
      return gcsConfig({ bucket, endpoint: url });
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** The configuration of a driver, with all its defaults. */
export function gcsConfig(changes: Partial<GcsConfig> = {}): GcsConfig {
  return {
    name: "gcs",
    bucket: "registry",
    rootDirectory: "",
    chunkSizeBytes: 16 * 1024 * 1024,
    maxConcurrency: 50,
    ...changes,
  };
}

/** The section `storage` of a configuration file, for a bucket of the tests. */
export function gcsStorage({ bucket, endpoint }: GcsConfig): Readonly<Record<string, unknown>> {
  return { gcs: { bucket, endpoint }, delete: { enabled: true }, redirect: { disable: true } };
}
