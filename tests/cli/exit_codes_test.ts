import { assertEquals } from "@std/assert";
import { signalExitCode } from "../../src/cli/exit_codes.ts";

Deno.test("signalExitCode is what a shell makes of a signal", () => {
  assertEquals([signalExitCode("SIGINT"), signalExitCode("SIGTERM")], [130, 143]);
});
