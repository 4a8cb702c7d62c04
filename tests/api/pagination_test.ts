import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ApiError } from "../../src/api/api_error.ts";
import { invalidPageSize, nextPageLink, parsePageSize } from "../../src/api/pagination.ts";

const MAX = 2n ** 63n - 1n;

function parse(n: string): number | undefined {
  return parsePageSize(new URLSearchParams({ n }));
}

Deno.test("parsePageSize reads whole numbers as Go does", () => {
  const cases: Readonly<Record<string, number>> = {
    "0": 0,
    "-0": 0,
    "1": 1,
    "+7": 7,
    "0010": 10,
    "1000000": 1_000_000,
    [String(MAX)]: Number(MAX),
  };
  for (const [text, expected] of Object.entries(cases)) {
    assertEquals(Math.abs(parse(text) ?? NaN), expected, text);
  }
});

Deno.test("parsePageSize takes an absent or empty number for none, and the first of several", () => {
  for (const query of ["", "n", "n=", "m=1", "N=1", "n=&n=5"]) {
    assertEquals(parsePageSize(new URLSearchParams(query)), undefined);
  }
  assertEquals(parsePageSize(new URLSearchParams("n=2&n=x")), 2);
});

Deno.test("parsePageSize refuses everything else", () => {
  const cases = [
    "-1",
    String(-MAX),
    String(MAX + 1n),
    "9".repeat(30),
    "9".repeat(10_000),
    "1e308",
    "1e3",
    "1.5",
    "1.0",
    "0x10",
    "NaN",
    "Infinity",
    "foo",
    " 1",
    "1 ",
    "1_000",
    "١",
    "--1",
    "+-1",
    "+",
    "\u0000",
  ];
  for (const text of cases) {
    const error = assertThrows(() => parse(text), ApiError);
    assertEquals(error.status, 400);
    assertEquals<unknown>(error.entries, [{
      code: "PAGINATION_NUMBER_INVALID",
      detail: { n: text.slice(0, 64) },
    }]);
  }
});

Deno.test("parsePageSize gives a number from 0 on, or refuses, whatever comes", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.bigInt().map(String)), (text) => {
    try {
      const size = parse(text);
      assert(size === undefined || (Number.isInteger(size) && size >= 0));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      assert(JSON.stringify(error.entries).length < 1000);
    }
  }));
});

Deno.test("invalidPageSize says which number was refused", () => {
  assertEquals<unknown>(invalidPageSize(5000).entries, [{
    code: "PAGINATION_NUMBER_INVALID",
    detail: { n: 5000 },
  }]);
});

const PAGE = { entries: ["a"], more: true };

Deno.test("nextPageLink leads on from the last entry, its parameters sorted and escaped", () => {
  assertEquals(nextPageLink("/v2/_catalog", { page: PAGE, last: "a/b", limit: 5 }), {
    link: '</v2/_catalog?last=a%2Fb&n=5>; rel="next"',
  });
  const options = { page: PAGE, last: "sha256:00", limit: 1, filter: { artifactType: "a/b+c" } };
  assertEquals(nextPageLink("/p/v2/foo/referrers/x", options), {
    link: '</p/v2/foo/referrers/x?artifactType=a%2Fb%2Bc&last=sha256%3A00&n=1>; rel="next"',
  });
});

Deno.test("nextPageLink can be followed, and cannot be broken out of", () => {
  const parameter = fc.string({ unit: "binary" });
  fc.assert(fc.property(parameter, parameter, fc.nat(), (last, artifactType, limit) => {
    const { link } = nextPageLink("/v2/_catalog", {
      page: PAGE,
      last,
      limit,
      filter: { artifactType },
    });
    assert(/^<\/v2\/_catalog\?[\x21-\x3b\x3d\x3f-\x7e]*>; rel="next"$/.test(link), link);
    const query = new URL(link.slice(1, link.indexOf(">")), "http://a").searchParams;
    assertEquals(query.get("last"), last.toWellFormed());
    assertEquals(query.get("artifactType"), artifactType.toWellFormed());
    assertEquals(parsePageSize(query), limit);
  }));
});
