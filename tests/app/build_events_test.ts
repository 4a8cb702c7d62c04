import { assertEquals } from "@std/assert";
import { outboxPath } from "../../src/app/build_events.ts";
import { configOf } from "./_config.ts";

Deno.test("outboxPath is beside the data, where the configuration says, or nowhere", () => {
  const files = "storage: { filesystem: { rootdirectory: /x/ } }\n";
  assertEquals(outboxPath(configOf(files)), "/x/stowage-outbox.db");
  assertEquals(outboxPath(configOf(`${files}notifications: { outbox: { path: /y } }`)), "/y");
  assertEquals(outboxPath(configOf("storage: inmemory")), undefined);
});
