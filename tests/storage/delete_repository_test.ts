import { assertEquals } from "@std/assert";
import { errorCodes, TestRegistry } from "../api/_registry.ts";
import { collect } from "./_collecting.ts";

async function repositories(registry: TestRegistry): Promise<unknown> {
  const response = await registry.send("GET", "/v2/_catalog");
  return (await response.json() as { repositories: unknown }).repositories;
}

Deno.test("DriverRepositories.delete removes a repository and none below it", async () => {
  const registry = new TestRegistry();
  const image = await registry.pushImage("foo", { reference: "v1" });
  await registry.pushImage("foo/bar", { layer: "other", reference: "v1" });
  await registry.startUpload("foo");
  assertEquals((await registry.send("DELETE", "/v2/foo/_repository")).status, 202);
  assertEquals(await repositories(registry), ["foo/bar"]);
  for (const path of ["manifests/v1", `blobs/${image.layer}`, "tags/list"]) {
    assertEquals((await registry.send("GET", `/v2/foo/${path}`)).status, 404, path);
  }
  assertEquals((await collect(registry.driver)).blobs, 2);
  assertEquals((await registry.send("GET", "/v2/foo/bar/manifests/v1")).status, 200);
});

Deno.test("DriverRepositories.delete refuses what is not there, and where deleting is off", async () => {
  const unknown = await new TestRegistry().send("DELETE", "/v2/foo/_repository");
  assertEquals([unknown.status, await errorCodes(unknown)], [404, ["NAME_UNKNOWN"]]);
  const strict = new TestRegistry({ store: { deleteEnabled: false } });
  await strict.pushImage("foo");
  const refused = await strict.send("DELETE", "/v2/foo/_repository");
  assertEquals([refused.status, await errorCodes(refused)], [405, ["UNSUPPORTED"]]);
});

Deno.test("DriverCatalog leaves out a repository whose last manifest was deleted", async () => {
  const registry = new TestRegistry();
  const first = await registry.pushImage("foo", { reference: "v1" });
  const second = await registry.pushImage("foo", { layer: "two", reference: "v2" });
  await registry.send("DELETE", `/v2/foo/manifests/${first.digest}`);
  assertEquals(await repositories(registry), ["foo"]);
  await registry.send("DELETE", `/v2/foo/manifests/${second.digest}`);
  assertEquals(await repositories(registry), []);
});
