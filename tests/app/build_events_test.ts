import { getLogger } from "@logtape/logtape";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { outboxPath, startDeliveries } from "../../src/app/build_events.ts";
import { pathExists } from "../../src/base/path_exists.ts";
import { NOTIFICATION_INSTRUMENTS } from "../../src/metrics/instruments/notification_instruments.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";
import { LogRecorder } from "../auth/_log.ts";
import { TempFolder } from "../support/temp.ts";
import { configOf } from "./_config.ts";

const ENDPOINTS = "endpoints: [{ url: 'http://127.0.0.1:9/' }]";

Deno.test("outboxPath is beside the data, where the configuration says, or nowhere", () => {
  const files = "storage: { filesystem: { rootdirectory: /x/ } }\n";
  assertEquals(outboxPath(configOf(files)), "/x/stowage-outbox.db");
  assertEquals(outboxPath(configOf(`${files}notifications: { outbox: { path: /y } }`)), "/y");
  assertEquals(outboxPath(configOf("storage: inmemory")), undefined);
});

Deno.test("startDeliveries begins nothing without an endpoint", () => {
  const config = configOf("storage: inmemory\nnotifications: { endpoints: [{ disabled: true }] }");
  assertEquals(startDeliveries(config, { log: getLogger("test") }), undefined);
});

Deno.test("startDeliveries warns of an outbox that goes with the program, and takes it away", async () => {
  const { log, lines } = new LogRecorder();
  const dispatch = startDeliveries(
    configOf(`storage: inmemory\nnotifications: { ${ENDPOINTS} }`),
    { log },
  );
  const path = dispatch?.share(0, 1).path ?? "";
  assertEquals(await pathExists(path), true);
  await dispatch?.close();

  assertEquals(await pathExists(path), false);
  assertEquals(lines.map(({ level, properties }) => [level, properties["config.key"]]), [
    ["warning", "notifications.outbox.path"],
  ]);
});

Deno.test("startDeliveries shares four fifths of the outbox among threads, and measures it", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("new/o.db");
  const meter = createMeter();
  const outbox = JSON.stringify({ path, maxsize: 1_000_000 });
  const dispatch = startDeliveries(
    configOf(`storage: inmemory\nnotifications: { ${ENDPOINTS}, outbox: ${outbox} }`),
    { log: getLogger("test"), meter },
  );
  const shares = [0, 1].map((index) => dispatch?.share(index, 2));

  assertEquals(shares.map((share) => share?.part), ["0", "1"]);
  for (const share of shares) assertAlmostEquals(share?.maxBytes ?? 0, 400_000);
  assertEquals(sumOf(meter.snapshot(), NOTIFICATION_INSTRUMENTS.outboxSize) > 0, true);
  await dispatch?.close();
  assertEquals(await pathExists(path), true);
});
