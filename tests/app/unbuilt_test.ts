import { assertEquals, assertThrows } from "@std/assert";
import { refuseUnbuilt } from "../../src/app/unbuilt.ts";
import { ConfigError } from "../../src/config/error.ts";
import { configOf } from "./_config.ts";

function refused(text: string): readonly string[] {
  const error = assertThrows(() => refuseUnbuilt(configOf(text)), ConfigError) as ConfigError;
  return error.problems.map(({ path }) => path);
}

Deno.test("refuseUnbuilt names every part that is not there, at once", () => {
  const paths = refused(`
storage: inmemory
notifications: { endpoints: [{ name: a, url: "http://127.0.0.1/" }] }
`);

  assertEquals(paths, [
    "notifications.endpoints",
  ]);
});

Deno.test("refuseUnbuilt lets pass what is there, switched off or empty", () => {
  refuseUnbuilt(configOf(`
storage: { filesystem: { rootdirectory: /tmp/x }, cache: { blobdescriptor: inmemory } }
auth: none
health: { storagedriver: { enabled: true } }
proxy: { remoteurl: "https://registry.example" }
notifications: { endpoints: [] }
`));
});
