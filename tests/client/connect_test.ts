import { assertEquals } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { connectRegistry } from "../../src/client/connect.ts";

Deno.test("connectRegistry keeps the path of a URL, and asks nothing before it is asked", async () => {
  const asked: string[] = [];
  const client = await connectRegistry("https://registry.example.com/some/path/", {
    log: getLogger(["test"]),
    fetch(url) {
      asked.push(url.href);
      return Promise.resolve(Response.json({ repositories: ["a", "b"] }));
    },
  });
  assertEquals(asked, []);
  assertEquals(await client.listRepositories(), ["a", "b"]);
  assertEquals(asked, ["https://registry.example.com/some/path/v2/_catalog?n=1000"]);
});
