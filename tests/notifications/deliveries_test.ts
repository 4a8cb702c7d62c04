import { getLogger } from "@logtape/logtape";
import { assertEquals } from "@std/assert";
import { Deliveries, endpointKeys } from "../../src/notifications/deliveries.ts";
import { endpointOf, eventOf } from "./_endpoint.ts";

Deno.test("endpointKeys tells endpoints apart that have no name, or the same", () => {
  const named = endpointOf({ name: "a" });
  const nameless = endpointOf({ name: "", url: "http://b/" });
  assertEquals(endpointKeys([named, named, nameless]), ["a", "a (2)", "http://b/"]);
});

Deno.test("Deliveries sends after a restart what was recorded before it", async () => {
  const folder = await Deno.makeTempDir();
  const options = { path: `${folder}/o.db`, maxBytes: Infinity, log: getLogger("test") };
  try {
    const away = () => Promise.reject(new Error("away"));
    const before = new Deliveries([endpointOf()], { ...options, fetch: away });
    before.commit([{ event: eventOf("1"), atMs: Date.now() }], true);
    await before.close();

    const sent = Promise.withResolvers<string>();
    const after = new Deliveries([endpointOf()], {
      ...options,
      fetch: (_url, init) => {
        sent.resolve(String(init?.body));
        return Promise.resolve(new Response());
      },
    });
    const { events } = JSON.parse(await sent.promise) as { events: { id: string }[] };
    assertEquals(events.map(({ id }) => id), ["1"]);
    await after.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
