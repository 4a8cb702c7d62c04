import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import {
  isRepositoryName,
  isTag,
  NAME_MAX_LENGTH,
  NAME_PATTERN,
  repositoryNameLength,
  TAG_PATTERN,
} from "../../src/oci/reference.ts";

function textOf(letters: string, { min, max }: { min: number; max: number }) {
  return fc.string({ unit: fc.constantFrom(...letters), minLength: min, maxLength: max });
}

const LOWER = "abcz0189";
const ALNUM = textOf(LOWER, { min: 1, max: 5 });
const SEPARATOR = fc.oneof(fc.constantFrom(".", "_", "__"), textOf("-", { min: 1, max: 4 }));
const COMPONENT = fc.tuple(ALNUM, fc.array(fc.tuple(SEPARATOR, ALNUM), { maxLength: 3 }))
  .map(([first, rest]) => first + rest.flat().join(""));
const PATH = fc.array(COMPONENT, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const LABEL = fc.tuple(textOf("aZ09", { min: 1, max: 3 }), textOf("aZ-", { min: 0, max: 3 }))
  .map(([start, rest]) => `${start}${rest}9`);
const HOST = fc.oneof(
  fc.array(LABEL, { minLength: 1, maxLength: 3 }).map((labels) => labels.join(".")),
  fc.constantFrom("[::1]", "[2001:db8::17]"),
);
const DOMAIN = fc.tuple(HOST, fc.constantFrom("", ":5000", ":1")).map((parts) => parts.join(""));

Deno.test("isRepositoryName takes what the grammar makes", () => {
  fc.assert(fc.property(PATH, (path) => assert(isRepositoryName(path))));
  fc.assert(fc.property(DOMAIN, PATH, (domain, path) => {
    const name = `${domain}/${path}`;
    assert(isRepositoryName(name), name);
    assertEquals(repositoryNameLength(name), Math.max(domain.length, path.length));
  }));
});

Deno.test("isRepositoryName refuses characters that are in no name", () => {
  const odd = fc.constantFrom(..."%?#\\ \t\n\0@!$é\u212a~+&=*'\"");
  fc.assert(fc.property(PATH, PATH, odd, (before, after, letter) => {
    assert(!isRepositoryName(before + letter + after));
    assert(!isRepositoryName(letter + after));
    assert(!isRepositoryName(before + letter));
  }));
});

Deno.test("isRepositoryName knows the edges of the grammar", () => {
  const names = [
    "a",
    "0/1/2",
    "a--------b",
    "a__b.c_d-e",
    "Foo/bar",
    "foo.com/bar",
    "foo.com:8080/bar",
    "[::1]:5000/a/b",
    "xn--n3h.com/a",
    "tags/list/manifests",
  ];
  for (const name of names) assert(isRepositoryName(name), name);
  const others = [
    "",
    "/",
    "a/",
    "/a",
    "a//b",
    "Foo",
    "foo/Bar",
    "a..b",
    "a___b",
    "a_-b",
    "a._b",
    "-a",
    "a-",
    "_a",
    "a_",
    ".",
    "..",
    "a/../b",
    "a/./b",
    "foo.com:/a",
    "foo.com:x/a",
    "foo:80",
    "[::1/a",
    "-foo.com/a",
    "a/b:80/c",
    "_catalog",
    "a/_uploads",
  ];
  for (const name of others) assert(!isRepositoryName(name), name);
});

Deno.test("repositoryNameLength leaves out a first part that may be a domain", () => {
  const long = "b".repeat(NAME_MAX_LENGTH);
  for (const domain of ["library", "Example", "example.com:5000", "[::1]"]) {
    assertEquals(repositoryNameLength(`${domain}/${long}`), NAME_MAX_LENGTH);
  }
  assertEquals(repositoryNameLength(long), NAME_MAX_LENGTH);
  assertEquals(repositoryNameLength(`${long}b`), NAME_MAX_LENGTH + 1);
  assertEquals(repositoryNameLength("not_a_domain/b"), 14);
});

Deno.test("repositoryNameLength counts the domain where it is the longer part", () => {
  assertEquals(repositoryNameLength(`${"a".repeat(300)}/b`), 300);
});

Deno.test("isTag takes what the grammar makes", () => {
  const first = textOf("aZ09_", { min: 1, max: 1 });
  const rest = textOf("aZ09_.-", { min: 0, max: 127 });
  fc.assert(fc.property(first, rest, (start, end) => assert(isTag(start + end))));
});

Deno.test("isTag agrees with a plain reading of the grammar", () => {
  const unit = fc.constantFrom(..."aZ0_.-:/ \né");
  fc.assert(fc.property(fc.string({ unit, maxLength: 130 }), (text) => {
    const letters = [...text];
    const plain = letters.length >= 1 && letters.length <= 128 &&
      letters.every((letter) => "aZ0_.-".includes(letter)) &&
      !".-".includes(letters[0] ?? "");
    assertEquals(isTag(text), plain);
  }));
});

Deno.test("isTag refuses a tag of 129 characters, none, and digests", () => {
  assert(isTag("a".repeat(128)));
  for (const text of ["a".repeat(129), "", "sha256:abc", ".", "..", "-rf", "a/b", "a\n"]) {
    assert(!isTag(text), text);
  }
});

/** Each would take longer than anyone waits, if an expression went back over what it has read. */
const HOSTILE_PIECES = [
  "a",
  "A",
  "-",
  "_",
  "a-",
  "A-",
  "a_",
  "a__",
  "a.",
  "aa.",
  "a/",
  "aa/",
  "a:",
  "a-a.a_a__a--",
  `a${"-".repeat(255)}`,
  "A/",
  "1:1/",
];

Deno.test("isRepositoryName and isTag answer for 64 KiB of anything", () => {
  const route = new RegExp(`^/v2/(${NAME_PATTERN})/manifests/(${TAG_PATTERN})$`);
  for (const piece of HOSTILE_PIECES) {
    const text = piece.repeat(Math.ceil(65_536 / piece.length));
    for (const hostile of [`${text}!`, `a${text}!`, `[${text}`, `[::1]:${text}/A`]) {
      assert(!isRepositoryName(hostile));
      assert(!isTag(hostile));
      assert(!route.test(`/v2/${hostile}`));
      assert(!route.test(`/v2/${hostile}/manifests/`));
      assert(repositoryNameLength(hostile) > 0);
    }
    assert(!route.test(`/v2/${text}/manifests/!`));
  }
});
