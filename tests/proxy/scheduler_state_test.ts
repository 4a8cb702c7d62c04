import { assertEquals } from "@std/assert";
import { toBytes, toText } from "../../src/base/bytes.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { parseSchedulerState, renderSchedulerState } from "../../src/proxy/scheduler_state.ts";

const KEY = `library/alpine@${EMPTY_DIGEST}`;

Deno.test("parseSchedulerState reads Distribution's file", () => {
  const text = `{"${KEY}":{"Key":"${KEY}","ExpiryData":"2026-11-30T10:00:00.123456789+02:00",` +
    `"EntryType":1},"x":{"Key":"x","ExpiryData":"2026-11-30T10:00:00Z","EntryType":0},` +
    `"y":{"Key":"${KEY}","ExpiryData":"soon","EntryType":0},"z":null}`;
  assertEquals(parseSchedulerState(toBytes(text)), [{
    kind: "manifest",
    repository: "library/alpine",
    digest: EMPTY_DIGEST,
    expiresAtMs: Date.parse("2026-11-30T08:00:00.123Z"),
  }]);
});

Deno.test("parseSchedulerState passes over a file that cannot be read", () => {
  for (const text of ["", "{", "null", "[1]", '"x"']) {
    assertEquals(parseSchedulerState(toBytes(text)), []);
  }
});

Deno.test("renderSchedulerState writes what Distribution reads", () => {
  const expiry = { repository: "library/alpine", digest: EMPTY_DIGEST, expiresAtMs: 0 };
  const bytes = renderSchedulerState([{ kind: "blob", ...expiry }]);
  assertEquals(JSON.parse(toText(bytes)), {
    [KEY]: { Key: KEY, ExpiryData: "1970-01-01T00:00:00.000Z", EntryType: 0 },
  });
  assertEquals(parseSchedulerState(bytes), [{ kind: "blob", ...expiry }]);
});
