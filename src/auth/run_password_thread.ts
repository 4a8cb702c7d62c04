import type { ComparisonAnswer, ComparisonRequest } from "./password_thread.ts";

/** The side of the thread's channel that leads to whoever asks; `globalThis` in a worker is one. */
export interface PasswordThreadScope {
  onmessage: ((event: MessageEvent<ComparisonRequest>) => void) | null;
  postMessage(answer: ComparisonAnswer): void;
}

/** Compares passwords as it is asked, in this thread, which does nothing else. */
export async function runPasswordThread(scope: PasswordThreadScope): Promise<void> {
  const { compareSync } = await import("bcryptjs");
  scope.onmessage = ({ data: { id, password, hash } }) => {
    scope.postMessage({ id, isEqual: compareSync(password, hash) });
  };
  scope.postMessage("ready");
}
