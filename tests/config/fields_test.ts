import { assertEquals } from "@std/assert";
import {
  choice,
  duration,
  flag,
  integer,
  list,
  mapOf,
  section,
  text,
} from "../../src/config/fields.ts";
import type { Field, Output } from "../../src/config/fields.ts";

const about = "A key.";

function parse<Out>(field: Field<Out>, value: unknown): Out | "refused" {
  const result = field.schema.safeParse(value);
  return result.success ? result.data : "refused";
}

Deno.test("text has a default, an empty value where it is required, or nothing", () => {
  assertEquals(parse(text({ about, default: "a" }), undefined), "a");
  assertEquals(parse(text({ about, required: true }), undefined), "");
  assertEquals(parse(text({ about }), undefined), undefined);
  assertEquals(parse(text({ about }), 5), "refused");
});

Deno.test("text keeps its rule", () => {
  const field = text({ about, rule: { expected: "an a", test: (value) => value === "a" } });
  assertEquals([parse(field, "a"), parse(field, "b")], ["a", "refused"]);
  assertEquals(field.shape.type === "leaf" && field.shape.expected, "an a");
});

Deno.test("choice lists what it takes", () => {
  const field = choice(["a", "b", "c"], { about, default: "b" });
  assertEquals([parse(field, "c"), parse(field, undefined), parse(field, "d")], [
    "c",
    "b",
    "refused",
  ]);
  assertEquals(field.shape.type === "leaf" && field.shape.expected, '"a", "b" or "c"');
});

Deno.test("flag takes booleans only", () => {
  assertEquals(parse(flag({ about, default: true }), undefined), true);
  assertEquals(parse(flag({ about }), "yes"), "refused");
});

Deno.test("integer and duration keep their range and tell it", () => {
  const wordsOf = (field: Field<number | undefined>) =>
    field.shape.type === "leaf" ? field.shape.expected : "";
  const field = integer({ about, min: 1, max: 5 });
  assertEquals([0, 1, 5, 6, 1.5].map((value) => parse(field, value)), [
    "refused",
    1,
    5,
    "refused",
    "refused",
  ]);
  assertEquals(wordsOf(field), "a whole number from 1 to 5");
  assertEquals(wordsOf(integer({ about, max: 5 })), "a whole number of 5 or less");
  assertEquals(
    wordsOf(duration({ about, min: 1000 })),
    'a duration such as "30s" or "1h30m" of 1s or more',
  );
});

Deno.test("integer settles what is allowed but not meant, never its default", () => {
  const field = integer({ about, default: 3, settle: (value) => Math.max(value, 10) });
  assertEquals([parse(field, 5), parse(field, 20), parse(field, undefined)], [10, 20, 3]);
});

Deno.test("list and mapOf refuse empty items, and are empty without a value", () => {
  const items = list(text({ about }), { about });
  assertEquals([parse(items, undefined), parse(items, ["a"])], [[], ["a"]]);
  assertEquals(parse(items, ["a", undefined]), "refused");
  const keys = mapOf(flag({ about }), { about });
  assertEquals([parse(keys, undefined), parse(keys, { a: true })], [{}, { a: true }]);
});

Deno.test("section gives its keys their defaults, however deep, and refuses others", () => {
  const field = section({ inner: section({ a: flag({ about, default: true }) }, { about }) }, {
    about,
  });
  const value: Output<typeof field> | "refused" = parse(field, undefined);
  assertEquals(value, { inner: { a: true } });
  assertEquals(parse(field, { other: 1 }), "refused");
});
