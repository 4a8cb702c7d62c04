/**
 * A serving thread that fails when a health check named `crash` does, as a bug would make it.
 *
 * @module
 */

import { runServingThread, type ThreadScope } from "../../src/cli/serving_thread.ts";

const scope = globalThis as unknown as ThreadScope;
runServingThread(scope);
const listen = scope.onmessage;
scope.onmessage = (event) => {
  const { data } = event;
  const failures = data.kind === "health" ? Object.keys(data.failures ?? {}) : [];
  if (failures.some((name) => name.endsWith("/crash"))) throw new Error("a bug");
  listen?.(event);
};
