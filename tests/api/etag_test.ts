import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { etagOf, matchesEtag } from "../../src/api/etag.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";

Deno.test("etagOf quotes the digest", () => {
  assertEquals(etagOf("sha256:00"), '"sha256:00"');
});

const CASES: Readonly<Record<string, boolean>> = {
  [`"${EMPTY_DIGEST}"`]: true,
  [`W/"${EMPTY_DIGEST}"`]: true,
  [`  "${EMPTY_DIGEST}"\t`]: true,
  [`"other", "${EMPTY_DIGEST}"`]: true,
  [`"other",W/"${EMPTY_DIGEST}"`]: true,
  [EMPTY_DIGEST]: true,
  "*": true,
  '"a", *': true,
  "": false,
  ",": false,
  '"*"': false,
  "W/": false,
  '"other"': false,
  [`"${EMPTY_DIGEST}`]: false,
  [`"${EMPTY_DIGEST}0"`]: false,
  [`w/"${EMPTY_DIGEST}"`]: false,
  [`"${EMPTY_DIGEST.toUpperCase()}"`]: false,
};

for (const [header, expected] of Object.entries(CASES)) {
  Deno.test(`matchesEtag says ${expected} to ${header}`, () => {
    assertEquals(matchesEtag(header, EMPTY_DIGEST), expected);
  });
}

Deno.test("matchesEtag finds a tag wherever it stands in a list", () => {
  const other = fc.string({ maxLength: 10 }).map((text) => `"${text.replace(/[",*]/g, "")}"`);
  fc.assert(fc.property(fc.array(other), fc.array(other), (before, after) => {
    const list = [...before, etagOf(EMPTY_DIGEST), ...after];
    return matchesEtag(list.join(", "), EMPTY_DIGEST) &&
      !matchesEtag([...before, ...after].join(", "), EMPTY_DIGEST);
  }));
});
