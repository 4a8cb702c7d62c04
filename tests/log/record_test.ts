import { assertEquals } from "@std/assert";
import { recordCaller, recordFields, recordMessage } from "../../src/log/record.ts";
import { makeRecord } from "./_records.ts";

Deno.test("recordMessage takes a constant message as it is", () => {
  assertEquals(recordMessage(makeRecord("response completed")), "response completed");
});

Deno.test("recordMessage puts together what LogTape took apart", () => {
  const template = {
    ...makeRecord("{count} of {list}"),
    message: ["", 2, " of ", { name: "a" }, ""],
  };

  assertEquals(recordMessage(template), '2 of {"name":"a"}');
});

Deno.test("recordFields sorts, leaves out what is absent and renames what clashes", () => {
  const record = makeRecord("x", { zone: 1, level: "mine", absent: undefined, a: null });

  assertEquals(recordFields(record, { taken: new Set(["level"]) }), [
    ["a", null],
    ["fields.level", "mine"],
    ["zone", 1],
  ]);
});

Deno.test("recordFields adds the fields that every line has, below those of the record", () => {
  const record = makeRecord("x", { env: "test", gone: undefined });
  const common = { env: "prod", gone: "here", a: 1 };

  assertEquals(recordFields(record, { taken: new Set(), common }), [["a", 1], ["env", "test"]]);
});

Deno.test("recordCaller tells file and line where they are known", () => {
  const sourceLocation = { file: "src/main.ts", line: 7, column: 3 };

  assertEquals(recordCaller(makeRecord("x")), undefined);
  assertEquals(recordCaller({ ...makeRecord("x"), sourceLocation }), "src/main.ts:7");
});
