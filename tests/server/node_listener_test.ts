import { assertEquals } from "@std/assert";
import { listenerContract } from "../contracts/listener.ts";
import { rawRequest, readSome, start, text } from "./_server.ts";

listenerContract("listenWithNode", "node");

Deno.test("listenWithNode tells when an answer has gone out, and when it could not", async () => {
  const outcomes = new Map<string, PromiseWithResolvers<string>>();
  const outcomeOf = (path: string) => {
    const outcome = outcomes.get(path) ?? Promise.withResolvers<string>();
    outcomes.set(path, outcome);
    return outcome;
  };
  await using server = await start((request, { sent }) => {
    const { pathname } = new URL(request.url);
    const { resolve } = outcomeOf(pathname);
    sent?.then(() => resolve("sent"), () => resolve("broken off"));
    if (pathname === "/short") return text("short");
    return new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(65_536)) }));
  }, { listener: "node" });

  await (await fetch(`${server.url}/short`)).text();
  const connection = await rawRequest(server, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  await readSome(connection);
  connection.close();

  assertEquals(await outcomeOf("/short").promise, "sent");
  assertEquals(await outcomeOf("/endless").promise, "broken off");
});
