import { assertEquals } from "@std/assert";
import { PieceSizes } from "../../src/storage/piece_sizes.ts";

const SMALL = 256 * 1024;
const LARGE = 1024 * 1024;
const LAYER = 100_000_000;

Deno.test("PieceSizes.begin gives a small body a piece of its own size", () => {
  const sizes = new PieceSizes();
  assertEquals([0, 1, 1000, SMALL + 1].map((length) => sizes.begin(length)), [1, 1, 1000, SMALL]);
});

Deno.test("PieceSizes.begin gives small pieces where the length is not known", () => {
  assertEquals(new PieceSizes().begin(undefined), SMALL);
});

Deno.test("PieceSizes.begin gives large pieces to a large body that comes alone", () => {
  const sizes = new PieceSizes();
  assertEquals([LAYER, 1000, LAYER].map((length) => sizes.begin(length)), [LARGE, 1000, SMALL]);
});

Deno.test("PieceSizes.end lets the next large body be alone, once all others have ended", () => {
  const sizes = new PieceSizes();
  sizes.begin(LAYER);
  sizes.begin(LAYER);
  sizes.end(LAYER);
  sizes.end(1000);
  assertEquals(sizes.begin(LAYER), SMALL);
  sizes.end(LAYER);
  sizes.end(LAYER);
  assertEquals(sizes.begin(LAYER), LARGE);
});
