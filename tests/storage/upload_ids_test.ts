import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  isUploadId,
  newUploadId,
  startOfUploadId,
  toUploadTime,
} from "../../src/storage/upload_ids.ts";

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

Deno.test("newUploadId makes ids that differ, and tell when their upload began", () => {
  const [one, other] = [newUploadId(NOW_MS), newUploadId(NOW_MS)];
  assertNotEquals(one, other);
  for (const id of [one, other]) {
    assert(isUploadId(id));
    assertEquals(startOfUploadId(id), toUploadTime(NOW_MS));
  }
  assertEquals(toUploadTime(NOW_MS), Date.UTC(2026, 0, 2, 3, 4, 5));
});

Deno.test("startOfUploadId reads no time from ids that others have made", () => {
  for (const id of ["", "proxy.0123", "0197a1c2-7b1e-4c3d-9e4f-0123456789ab"]) {
    assertEquals(startOfUploadId(id), undefined);
  }
});

Deno.test("isUploadId knows what may be a name in storage", () => {
  for (const id of ["a", "0197-a", "A_b.c"]) assert(isUploadId(id));
  for (const text of ["", ".", "..", "_a", "a/b", "a b", "ä"]) assert(!isUploadId(text));
});
