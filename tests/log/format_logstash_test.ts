import { assertEquals } from "@std/assert";
import { formatLogstash } from "../../src/log/format_logstash.ts";
import { formatRfc3339 } from "../../src/log/timestamp.ts";
import { makeRecord, RECORD_TIME_MS } from "./_records.ts";

Deno.test("formatLogstash writes the keys of Distribution 2.x", () => {
  const record = makeRecord("listening on :5000", { type: "mine", env: "prod" }, "warning");

  assertEquals(JSON.parse(formatLogstash(record)), {
    "@timestamp": formatRfc3339(RECORD_TIME_MS),
    "@version": "1",
    message: "listening on :5000",
    level: "warning",
    type: "log",
    env: "prod",
    "fields.type": "mine",
  });
});
