import { newGenerations } from "../../src/cache/generations.ts";
import { assert, assertEquals } from "@std/assert";
import type { FromServingThread, ToServingThread } from "../../src/cli/serving_messages.ts";
import { runServingThread, type ThreadScope } from "../../src/cli/serving_thread.ts";
import { loadConfig } from "../../src/config/load.ts";

/** A thread's end of the channel, in this thread. */
class FakeScope implements ThreadScope {
  onmessage: ((event: MessageEvent<ToServingThread>) => void) | null = null;
  isClosed = false;
  readonly #heard: FromServingThread[] = [];
  readonly #listeners = new Map<string, (event: never) => void>();
  #wake: () => void = () => {};

  postMessage(message: FromServingThread): void {
    this.#heard.push(message);
    this.#wake();
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.isClosed = true;
  }

  tell(data: ToServingThread): void {
    this.onmessage?.(new MessageEvent("message", { data }));
  }

  fail(error: Error): void {
    this.#listeners.get("error")?.(new ErrorEvent("error", { error }) as never);
  }

  /** The next message of a kind; output that comes before is taken note of. */
  async hear<Kind extends FromServingThread["kind"]>(
    kind: Kind,
  ): Promise<FromServingThread & { readonly kind: Kind }> {
    for (;;) {
      for (let next = this.#heard.shift(); next !== undefined; next = this.#heard.shift()) {
        if (next.kind === "output") this.tell({ kind: "written", id: next.id });
        if (next.kind === kind) return next as FromServingThread & { readonly kind: Kind };
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

function serveMessage(addr: string): ToServingThread {
  const text = JSON.stringify({ version: "0.1", storage: "inmemory", http: { addr } });
  const { config } = loadConfig({ text });
  const entry = import.meta.resolve("../../src/main.ts");
  return {
    kind: "serve",
    config,
    instanceId: "id",
    failures: undefined,
    terminal: false,
    entry,
    generations: newGenerations(),
    outbox: undefined,
  };
}

Deno.test("runServingThread serves, minds the health checks, and drains", async () => {
  const scope = new FakeScope();
  runServingThread(scope);
  await scope.hear("ready");
  scope.tell(serveMessage("127.0.0.1:0"));
  const { address } = await scope.hear("listening");
  const port = address.transport === "tcp" ? address.port : 0;
  const status = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/v2/`);
    await response.body?.cancel();
    return response.status;
  };

  assertEquals(await status(), 200);
  scope.tell({ kind: "health", failures: { disk: "on fire" } });
  assertEquals(await status(), 503);
  scope.tell({ kind: "health", failures: undefined });
  assertEquals(await status(), 200);
  scope.tell({ kind: "drain", timeoutMs: 1000 });

  assertEquals((await scope.hear("drained")).unfinished, 0);
  assert(scope.isClosed);
});

Deno.test("runServingThread says why it cannot serve", async () => {
  const scope = new FakeScope();
  runServingThread(scope);
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  scope.tell(serveMessage(`127.0.0.1:${(taken.addr as Deno.NetAddr).port}`));

  const { error } = await scope.hear("refused");

  assertEquals(error.code, "address_in_use");
});

Deno.test("runServingThread tells of what nobody caught, and ends", async () => {
  const scope = new FakeScope();
  runServingThread(scope);

  scope.fail(new Error("a bug"));

  assert((await scope.hear("failed")).reason.includes("a bug"));
  assert(scope.isClosed);
});
