import type { FileCheckConfig, HttpCheckConfig, TcpCheckConfig } from "../config/config.ts";
import type { HealthCheck } from "./check.ts";

/** Fails while a file exists: an operator creates it to take a registry out of service. */
export function fileCheck(config: FileCheckConfig): HealthCheck {
  return {
    name: config.file,
    intervalMs: config.intervalMs,
    // As in Distribution: the file is a switch, so one look is enough.
    threshold: 1,
    async run() {
      const exists = await Deno.stat(config.file).then(() => true, () => false);
      if (exists) throw new Error("file exists");
    },
  };
}

/** Fails while a HEAD request is not answered with the expected status. */
export function httpCheck(config: HttpCheckConfig, fetcher: typeof fetch = fetch): HealthCheck {
  const headers = Object.entries(config.headers).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value])
  );
  return {
    name: config.uri,
    intervalMs: config.intervalMs,
    threshold: config.threshold,
    async run(signal) {
      const response = await fetcher(config.uri, {
        method: "HEAD",
        headers,
        redirect: "manual",
        signal: withTimeout(signal, config.timeoutMs),
      });
      await response.body?.cancel();
      if (response.status === config.statusCode) return;
      throw new Error(
        `downstream service returned unexpected status: "${response.status}"`,
      );
    },
  };
}

/** Fails while nothing accepts a connection. */
export function tcpCheck(config: TcpCheckConfig): HealthCheck {
  return {
    name: config.addr,
    intervalMs: config.intervalMs,
    threshold: config.threshold,
    async run(signal) {
      const [, hostname = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(config.addr) ?? [];
      const limited = withTimeout(signal, config.timeoutMs);
      const connection = Deno.connect({ hostname: hostname || "127.0.0.1", port: Number(port) });
      const timedOut = Promise.withResolvers<never>();
      const onAbort = () => timedOut.reject(limited.reason);
      limited.addEventListener("abort", onAbort);
      try {
        // A connection that comes too late is closed as well.
        connection.then((late) => late.close(), () => {});
        await Promise.race([connection, timedOut.promise]);
      } finally {
        limited.removeEventListener("abort", onAbort);
      }
    },
  };
}

/** @param timeoutMs 0: no limit */
function withTimeout(signal: AbortSignal, timeoutMs: number): AbortSignal {
  return timeoutMs > 0 ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : signal;
}
