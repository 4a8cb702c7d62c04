import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import {
  openUploadState,
  sealUploadState,
  type UploadState,
  UploadStateError,
} from "../../src/api/upload_state.ts";
import { toBytes, toText } from "../../src/base/bytes.ts";

const SECRET = "a shared secret";
const STATE: UploadState = {
  repository: "foo/bar",
  id: "01a2054a-d690-71a5-a711-d8b58253ad4b",
  offset: 5_000_000_000,
  startedAtMs: Date.UTC(2026, 10, 22, 22, 5, 20, 400),
};

type Vector = readonly [token: string, state: UploadState];

/** Tokens of Distribution 3.1 and 2.8.2, made with {@linkcode SECRET}. */
const FOREIGN: readonly [Vector, Vector] = [
  [
    "b4xn5tMfrjoXbpTQF_qf4lTyZ1ZNTPEMjbKt9l7cu_p7Ik5hbWUiOiJmb28vYmFyIiwiVVVJRCI6IjAxYTIwNTRhLWQ2" +
    "OTAtNzFhNS1hNzExLWQ4YjU4MjUzYWQ0YiIsIk9mZnNldCI6MCwiU3RhcnRlZEF0IjoiMjAyNi0xMS0yMlQyMjowNToy" +
    "MC40MDAxMDg0WiJ9",
    { ...STATE, offset: 0 },
  ],
  [
    "axOIojS4yBzywxSa3DVDIwLC85W6iXQkdaUhhbkonEl7Ik5hbWUiOiJmb28vYmFyIiwiVVVJRCI6ImJiM2QxYjBmLWY3" +
    "OTMtNDc0Zi1iYTBmLWZiMmE5NjY4ODhlNyIsIk9mZnNldCI6MCwiU3RhcnRlZEF0IjoiMjAyNi0xMS0yMlQyMjowNToy" +
    "MC40MzI2ODY2NjRaIn0=",
    {
      ...STATE,
      id: "bb3d1b0f-f793-474f-ba0f-fb2a966888e7",
      offset: 0,
      startedAtMs: STATE.startedAtMs + 32,
    },
  ],
];

Deno.test("openUploadState opens tokens of Distribution", () => {
  for (const [token, state] of FOREIGN) assertEquals(openUploadState(token, SECRET), state);
});

function decode(token: string): Uint8Array<ArrayBuffer> {
  const text = atob(token.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Seals any text the way Distribution does, with other tools than the code under test. */
async function sealText(text: string, secret = SECRET): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", toBytes(secret), algorithm, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, toBytes(text)));
  const bytes = String.fromCharCode(...mac, ...toBytes(text));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_");
}

Deno.test("sealUploadState keeps the layout that Distribution reads", async () => {
  const token = sealUploadState(STATE, SECRET);
  const text = toText(decode(token).subarray(32));
  assertEquals(
    text,
    '{"Name":"foo/bar","UUID":"01a2054a-d690-71a5-a711-d8b58253ad4b",' +
      '"Offset":5000000000,"StartedAt":"2026-11-22T22:05:20.400Z"}',
  );
  assertEquals(token, await sealText(text));
});

Deno.test("sealUploadState signs with secrets of any length", async () => {
  for (const length of [1, 31, 32, 63, 64, 65, 128, 1_000]) {
    const secret = "é".repeat(length / 2) + "x".repeat(length % 2);
    const token = sealUploadState(STATE, secret);
    assertEquals(token, await sealText(toText(decode(token).subarray(32)), secret));
  }
});

const ANY_STATE = fc.record({
  repository: fc.string({ unit: "grapheme" }),
  id: fc.oneof(fc.uuid(), fc.string({ unit: "grapheme" })),
  offset: fc.maxSafeNat(),
  // From the year 1, Go's zero time, to the year 9999.
  startedAtMs: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
});
const ANY_SECRET = fc.string({ unit: "grapheme", minLength: 1 });

Deno.test("openUploadState opens what sealUploadState made", () => {
  fc.assert(fc.property(ANY_STATE, ANY_SECRET, (state, secret) => {
    assertEquals(openUploadState(sealUploadState(state, secret), secret), { ...state });
  }));
});

function refusal(token: string, secret = SECRET): UploadStateError {
  return assertThrows(() => openUploadState(token, secret), UploadStateError);
}

Deno.test("openUploadState refuses a token with any bit of any byte changed", () => {
  const bytes = decode(sealUploadState(STATE, SECRET));
  for (let index = 0; index < bytes.length; index += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const changed = bytes.map((byte, at) => at === index ? byte ^ (1 << bit) : byte);
      const token = btoa(String.fromCharCode(...changed));
      assertEquals(refusal(token.replaceAll("+", "-").replaceAll("/", "_")).code, "invalid_secret");
    }
  }
});

Deno.test("openUploadState refuses a token with any letter changed, added or left out", () => {
  // Three lengths, so that each kind of ending is met: a spare bit must not be anybody's.
  for (const id of ["a", "aa", "aaa"]) {
    const token = sealUploadState({ ...STATE, id }, SECRET);
    for (let at = 0; at < token.length; at += 1) {
      const [before, letter, after] = [token.slice(0, at), token[at], token.slice(at + 1)];
      for (const other of ["A", "B", "Z", "-", "_", "=", "+", "/", "\n", " ", "é"]) {
        if (other !== letter) refusal(before + other + after);
        refusal(before + other + letter + after);
      }
      refusal(before + after);
    }
  }
});

Deno.test("openUploadState refuses tokens of another secret", () => {
  fc.assert(fc.property(ANY_STATE, ANY_SECRET, ANY_SECRET, (state, secret, other) => {
    fc.pre(secret !== other);
    const error = refusal(sealUploadState(state, secret), other);
    assertEquals([error.code, error.message], ["invalid_secret", "invalid secret"]);
  }));
});

Deno.test("openUploadState names the place that is no base64, as Distribution does", () => {
  const [[token]] = FOREIGN;
  const cases = [
    ["!", 0],
    ["a", 0],
    ["AAAA!AAA", 4],
    ["AAAAA", 4],
    ["AAAAAA", 4],
    ["AAAAAAA", 4],
    ["AAAA AAA", 4],
    [`${token}=`, token.length],
    [token.replace("_", "/"), token.indexOf("_")],
  ] as const;
  assert(token.includes("_"));
  for (const [text, position] of cases) {
    const { code, message } = refusal(text);
    assertEquals([text, code], [text, "invalid_encoding"]);
    assertEquals(message, `illegal base64 data at input byte ${position}`);
  }
});

Deno.test("openUploadState refuses tokens that are too short", () => {
  for (const text of ["", "AAAA", "A".repeat(40)]) {
    assertEquals(refusal(text).code, "invalid_secret");
  }
});

Deno.test("openUploadState refuses sealed text that is no state", async () => {
  const valid = { Name: "a", UUID: "b", Offset: 0, StartedAt: "2026-11-22T22:05:20Z" };
  assertEquals(openUploadState(await sealText(JSON.stringify(valid)), SECRET).id, "b");
  const documents = [
    [],
    null,
    {},
    { ...valid, Name: 5 },
    { ...valid, UUID: null },
    { ...valid, Offset: -1 },
    { ...valid, Offset: "0" },
    { ...valid, Offset: 0.5 },
    { ...valid, StartedAt: "yesterday" },
    { ...valid, StartedAt: 0 },
  ];
  for (const text of ["", "{", ...documents.map((document) => JSON.stringify(document))]) {
    assertEquals([text, refusal(await sealText(text)).code], [text, "malformed"]);
  }
});
