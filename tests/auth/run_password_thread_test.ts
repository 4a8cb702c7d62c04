import { assertEquals } from "@std/assert";
import { hashSync } from "bcryptjs";
import type { ComparisonAnswer } from "../../src/auth/password_thread.ts";
import { type PasswordThreadScope, runPasswordThread } from "../../src/auth/run_password_thread.ts";

Deno.test("runPasswordThread says that it is ready, and answers what it is asked", async () => {
  const answers: ComparisonAnswer[] = [];
  const scope: PasswordThreadScope = {
    onmessage: null,
    postMessage: (answer) => void answers.push(answer),
  };
  await runPasswordThread(scope);
  const hash = hashSync("right", 4);

  for (const [id, password] of ["right", "wrong"].entries()) {
    scope.onmessage?.(new MessageEvent("message", { data: { id, password, hash } }));
  }

  assertEquals(answers, ["ready", { id: 0, isEqual: true }, { id: 1, isEqual: false }]);
});
