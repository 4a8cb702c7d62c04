import { assertEquals } from "@std/assert";
import { formatJson } from "../../src/log/format_json.ts";
import { formatRfc3339 } from "../../src/log/timestamp.ts";
import { makeRecord, RECORD_TIME_MS } from "./_records.ts";

const TIME = formatRfc3339(RECORD_TIME_MS);

Deno.test("formatJson writes time, level and msg, then the fields in order", () => {
  const record = makeRecord("response completed", { b: "<a&b>\n", a: { c: [1, null] } });

  assertEquals(
    formatJson(record),
    `{"time":"${TIME}","level":"info","msg":"response completed",` +
      `"a":{"c":[1,null]},"b":"<a&b>\\n"}`,
  );
});

Deno.test("formatJson renames fields that clash with its own", () => {
  const line = formatJson(makeRecord("x", { msg: 1, time: 2 }, "error"));

  assertEquals(JSON.parse(line), {
    time: TIME,
    level: "error",
    msg: "x",
    "fields.msg": 1,
    "fields.time": 2,
  });
});

Deno.test("formatJson keeps members of unusual names", () => {
  const properties = Object.fromEntries([["__proto__", "p"], ["10", "n"], ['q"', "q"]]);

  assertEquals(
    formatJson(makeRecord("x", properties)),
    `{"time":"${TIME}","level":"info","msg":"x","10":"n","__proto__":"p","q\\"":"q"}`,
  );
});

Deno.test("formatJson hides secrets and tells the caller", () => {
  const sourceLocation = { file: "src/main.ts", line: 7, column: 3 };
  const line = formatJson({ ...makeRecord("x", { "http.secret": "hunter2" }), sourceLocation });

  assertEquals(
    line,
    `{"time":"${TIME}","level":"info","msg":"x","file":"src/main.ts:7","http.secret":"<hidden>"}`,
  );
});
