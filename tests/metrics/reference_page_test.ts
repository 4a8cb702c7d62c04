import { assert, assertStringIncludes } from "@std/assert";
import { ALL_INSTRUMENTS } from "../../src/metrics/all_instruments.ts";
import { metricsPage } from "../../src/metrics/reference_page.ts";

Deno.test("metricsPage has a row for every metric, with its labels", () => {
  const page = metricsPage();

  for (const { name, type } of ALL_INSTRUMENTS) {
    assertStringIncludes(page, `| \`${name}\` | ${type} |`);
  }
  assert(page.includes("| `registry_http_requests_total` | counter | `code` `method` `handler` |"));
});
