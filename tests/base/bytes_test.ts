import { assertEquals } from "@std/assert";
import { compareNames, toBytes, toText } from "../../src/base/bytes.ts";

Deno.test("toBytes and toText are UTF-8", () => {
  assertEquals(toBytes("aé€"), new Uint8Array([0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac]));
  assertEquals(toText(toBytes("aé€")), "aé€");
  assertEquals(toText(new Uint8Array([0x61, 0xff])), "a\uFFFD");
});

Deno.test("compareNames orders by bytes: digits, upper case, underscore, lower case", () => {
  const sorted = ["", "-", ".", "0", "1", "10", "2", "A", "Z", "_", "a", "a-b", "a.b", "b"];

  assertEquals(sorted.toReversed().sort(compareNames), sorted);
  assertEquals(compareNames("a", "a"), 0);
});
