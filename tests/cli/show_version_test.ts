import { assertMatch } from "@std/assert";
import { describeVersion } from "../../src/cli/show_version.ts";

Deno.test("describeVersion names the program, the runtime and the machine", () => {
  assertMatch(describeVersion(), /^stowage \d+\.\d+\.\d+\S* \(deno \d+\.\d+\.\d+\S*, \w+-.+\)$/);
});
