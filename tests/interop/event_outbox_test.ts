import { assertEquals } from "@std/assert";
import { startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { pushTag, startEndpoint, tagsOf } from "./_event_endpoint.ts";

/** Pushes tags of a name until one is refused; gives those that were not, and the refusal. */
async function pushUntilRefused(url: string, name: string): Promise<[string[], Response]> {
  const pushed: string[] = [];
  for (let count = 0; count < 5000; count++) {
    const tag = `${name}${count}`;
    const response = await pushTag(url, tag);
    if (response.status === 503) return [pushed, response];
    await response.body?.cancel();
    pushed.push(tag);
  }
  throw new Error("the outbox has no limit");
}

Deno.test("outbox.full refuse: pushes are answered with 503 until the endpoint is back", async () => {
  await using folder = await TempFolder.make();
  await using endpoint = startEndpoint();
  endpoint.status = 500;
  const { url } = endpoint;
  await using registry = await startStowage({
    folder: folder.path,
    config: {
      http: { workers: 1 },
      notifications: {
        endpoints: [{ name: "e", url, backoff: "20ms", maxbackoff: "100ms" }],
        outbox: { maxsize: 300_000, full: "refuse" },
      },
    },
  });

  const [pushed, refusal] = await pushUntilRefused(registry.url, "x");
  assertEquals(pushed.length > 50, true);
  const { errors } = await refusal.json() as { errors: readonly Record<string, unknown>[] };
  assertEquals(errors.map(({ code, detail }) => [code, detail]), [
    ["UNAVAILABLE", "events cannot be recorded"],
  ]);
  // Whoever only reads is answered all the same.
  const pulled = await fetch(`${registry.url}/v2/a/manifests/x0`);
  await pulled.body?.cancel();
  assertEquals(pulled.status, 200);

  endpoint.status = 200;
  await until(async () => {
    const response = await pushTag(registry.url, "back");
    await response.body?.cancel();
    return response.status === 201;
  });
  await until(() => endpoint.received.some(({ target }) => target.tag === "back"));

  // Each push that was answered with 201 is there, in order; others may be there too.
  const told = new Set([...pushed, "back"]);
  const tags = tagsOf(endpoint.received.filter(({ action }) => action === "push"));
  assertEquals([...new Set(tags.filter((tag) => told.has(tag)))], [...told]);
  // A line of the log may come after the answer that it is about.
  for (
    const line of [
      "events are not recorded",
      "the outbox has reached its size",
      "events are recorded again",
    ]
  ) {
    await until(() => registry.process.output.includes(line));
  }
});

Deno.test("replicas on one storage with an outbox each send their own events alone", async () => {
  await using folder = await TempFolder.make();
  await using endpoint = startEndpoint();
  const start = (name: string) =>
    startStowage({
      folder: folder.path,
      config: {
        notifications: {
          endpoints: [{ name: "e", url: endpoint.url }],
          outbox: { path: folder.join(`${name}.db`) },
        },
      },
    });
  await using one = await start("one");
  await using other = await start("other");
  for (let count = 0; count < 10; count++) {
    for (const [index, { url }] of [one, other].entries()) {
      await (await pushTag(url, `t${index}-${count}`)).body?.cancel();
    }
  }
  await until(() => endpoint.received.length >= 20);

  const tags = tagsOf(endpoint.received);
  assertEquals(tags.length, 20);
  for (const index of [0, 1]) {
    const expected = Array.from({ length: 10 }, (_, count) => `t${index}-${count}`);
    assertEquals(tags.filter((tag) => tag.startsWith(`t${index}`)), expected);
  }
});

Deno.test("processes may share an outbox: one sends for all, and another when it is killed", async () => {
  await using folder = await TempFolder.make();
  await using endpoint = startEndpoint();
  const config = { notifications: { endpoints: [{ name: "e", url: endpoint.url }] } };
  const start = () => startStowage({ folder: folder.path, config });
  await using other = await (async () => {
    await using one = await start();
    const other = await start();
    for (let count = 0; count < 10; count++) {
      for (const [index, { url }] of [one, other].entries()) {
        await (await pushTag(url, `t${index}-${count}`)).body?.cancel();
      }
    }
    one.process.kill();
    return other;
  })();
  await (await pushTag(other.url, "t1-10")).body?.cancel();
  await until(() => tagsOf(endpoint.received).length >= 21);

  const tags = tagsOf(endpoint.received);
  assertEquals(tags.filter((tag) => tag.startsWith("t0")).length, 10);
  assertEquals(
    tags.filter((tag) => tag.startsWith("t1")),
    Array.from({ length: 11 }, (_, count) => `t1-${count}`),
  );
});
