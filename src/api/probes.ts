import { type Reply, textReply } from "./reply.ts";

/**
 * Answers the questions of an orchestrator: `/livez` whether the program runs, `/readyz` whether
 * it should be sent requests. A registry whose storage is away is alive and not ready: to start it
 * anew would not bring the storage back.
 *
 * @param failures the health checks that fail, with their reasons
 * @returns `undefined`: the path is no probe
 */
export function probeReply(
  path: string,
  failures: Readonly<Record<string, string>> | undefined,
): Reply | undefined {
  if (path !== "/livez" && path !== "/readyz") return undefined;
  const failed = path === "/livez" ? [] : Object.entries(failures ?? {});
  const headers = { "cache-control": "no-cache" };
  if (failed.length === 0) return textReply("ok", { status: 200, headers });
  const lines = failed.map(([check, reason]) => `${check}: ${reason}`);
  return textReply(lines.join("\n"), { status: 503, headers });
}
