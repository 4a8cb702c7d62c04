import { assertEquals, assertThrows } from "@std/assert";
import { readReport } from "./report.ts";

const REPORT = `<testsuites tests="6" failures="2" skipped="1" disabled="1">
  <testsuite name="OCI" tests="6" failures="2" errors="0" disabled="1" skipped="1" time="5.2">
    <testcase name="OCI/ping" status="passed"><system-err>GET</system-err></testcase>
    <testcase name="OCI/tags" status="passed"></testcase>
    <testcase name="OCI/blobs" status="failure">
      <system-out>status &#34;404&#34;&#xA;expected 200</system-out>
      <system-err>Method: GET</system-err>
    </testcase>
    <testcase name="OCI/mount" status="failure"></testcase>
    <testcase name="OCI/post" status="skipped"><system-out>registry does not</system-out></testcase>
    <testcase name="OCI/sparse" status="skipped"><system-out>test disabled</system-out></testcase>
  </testsuite>
</testsuites>`;

Deno.test("readReport counts and tells what did not pass", () => {
  assertEquals(readReport(REPORT), {
    passed: 2,
    failed: 2,
    errors: 0,
    skipped: 1,
    disabled: 1,
    problems: [
      '--- failure: OCI/blobs\nstatus "404"\nexpected 200\nMethod: GET',
      "--- failure: OCI/mount",
      "--- skipped: OCI/post\nregistry does not",
    ],
  });
});

Deno.test("readReport refuses what is no report", () => {
  assertThrows(() => readReport("<html></html>"), Error, "it has no <testsuite>");
});
