import { assertEquals } from "@std/assert";
import { withExactBytes } from "../../src/server/byte_exact.ts";

const CLIENT = { address: "127.0.0.1" };
const REQUEST = new Request("http://localhost/v2/");

async function cacheControl(headers: Record<string, string>): Promise<string | null> {
  const handler = withExactBytes(() => new Response("{}", { headers }));
  return (await handler(REQUEST, CLIENT)).headers.get("cache-control");
}

Deno.test("withExactBytes asks the runtime not to transform a body", async () => {
  assertEquals(await cacheControl({ "content-type": "application/json" }), "no-transform");
});

Deno.test("withExactBytes keeps what the answer says about caching", async () => {
  const type = { "content-type": "application/json" };

  assertEquals(
    await cacheControl({ ...type, "cache-control": "max-age=60" }),
    "max-age=60, no-transform",
  );
  assertEquals(await cacheControl({ ...type, "cache-control": "no-transform" }), "no-transform");
});
