import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { formatText } from "../../src/log/format_text.ts";
import { formatRfc3339 } from "../../src/log/timestamp.ts";
import { makeRecord, RECORD_TIME_MS } from "./_records.ts";

const TIME = formatRfc3339(RECORD_TIME_MS);

Deno.test("formatText writes a line as Distribution does", () => {
  const record = makeRecord("response completed", {
    "vars.name": "library/alpine",
    "http.request.host": "127.0.0.1:5000",
    "http.request.uri": '/v2/a/tags/list?x="1"',
    "http.response.status": 200,
    "http.request.useragent": "curl/7.88.1",
    "err.detail": { name: "a" },
    empty: "",
  });

  assertEquals(
    formatText(record),
    `time="${TIME}" level=info msg="response completed" empty= err.detail="{\\"name\\":\\"a\\"}" ` +
      `http.request.host="127.0.0.1:5000" http.request.uri="/v2/a/tags/list?x=\\"1\\"" ` +
      `http.request.useragent=curl/7.88.1 http.response.status=200 vars.name=library/alpine`,
  );
});

Deno.test("formatText writes Go's names of levels", () => {
  assertMatch(formatText(makeRecord("x", {}, "warning")), / level=warning msg=x$/);
  assertMatch(formatText(makeRecord("x", {}, "fatal")), / level=fatal msg=x$/);
});

Deno.test("formatText hides secrets", () => {
  assertMatch(formatText(makeRecord("x", { password: "hunter2" })), / password="<hidden>"$/);
});

Deno.test("formatText tells the caller where it is known", () => {
  const sourceLocation = { file: "src/main.ts", line: 7, column: 3 };
  const line = formatText({ ...makeRecord("x", { file: "mine" }), sourceLocation });

  assertMatch(line, / msg=x file="src\/main\.ts:7" fields\.file=mine$/);
});

Deno.test("formatText gives one line that no value can break out of", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(fc.property(text, text, text, (message, name, value) => {
    const line = formatText(makeRecord(message.replaceAll("{", ""), { [name]: value }));
    const [, rest = ""] = line.split(`time="${TIME}" level=info msg=`);

    // Quoted or bare, each value ends where it should: what is left is three values and one name.
    assertMatch(rest, /^(?:"(?:[^"\\]|\\.)*"|[^" ]*) (?:[^\n]*)=(?:"(?:[^"\\]|\\.)*"|[^" ]*)$/u);
    assertMatch(line, /^[^\p{C}]*$/u);
  }));
});
