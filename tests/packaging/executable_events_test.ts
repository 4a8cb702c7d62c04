import { assertEquals } from "@std/assert";
import { pushTag, startEndpoint, tagsOf } from "../interop/_event_endpoint.ts";
import { startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { until } from "../support/until.ts";

/** More than one read of the outbox gives. */
const PUSHES = 300;

testWith(["executable"], {
  name: "the executable sends every event, in order, through a kill",
  fn: async () => {
    await using folder = await TempFolder.make();
    await using endpoint = startEndpoint();
    const config = {
      http: { workers: 2 },
      notifications: { endpoints: [{ name: "e", url: endpoint.url }] },
    };
    const start = () => startStowage({ folder: folder.path, config, executable: true });
    const tags = Array.from({ length: PUSHES }, (_, index) => `t${index}`);
    {
      await using registry = await start();
      for (const tag of tags) await (await pushTag(registry.url, tag)).body?.cancel();
      registry.process.kill();
    }
    await using _registry = await start();
    await until(() => tagsOf(endpoint.received).length >= PUSHES);

    assertEquals(tagsOf(endpoint.received), tags);
  },
});
