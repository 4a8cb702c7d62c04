import { assert, assertEquals, assertMatch } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import { digestBytes } from "../../../src/oci/digester.ts";
import { errorCodes, TestRegistry, withQuery } from "../_registry.ts";

const CONTENT = toBytes("0123456789");
const DIGEST = digestBytes(CONTENT);

Deno.test("postUpload begins an upload that its location can be asked about", async () => {
  const registry = new TestRegistry();

  const started = await registry.send("POST", "/v2/foo/bar/blobs/uploads/");
  const location = started.headers.get("location") ?? "";
  const status = await registry.send("GET", location);

  assertEquals(started.status, 202);
  assertEquals(started.headers.get("range"), "0-0");
  assertEquals(started.headers.get("content-length"), "0");
  const id = started.headers.get("docker-upload-uuid");
  assertEquals(location, `http://registry.test/v2/foo/bar/blobs/uploads/${id}`);
  assertEquals(status.status, 204);
  assertEquals(status.headers.get("range"), "0-0");
  assertEquals(status.headers.get("docker-upload-uuid"), id);
});

Deno.test("putUpload takes a whole blob", async () => {
  const registry = new TestRegistry();
  const location = await registry.startUpload("foo");

  const put = await registry.send("PUT", withQuery(location, { digest: DIGEST }), {
    body: CONTENT,
  });
  const get = await registry.send("GET", put.headers.get("location") ?? "");

  assertEquals(put.status, 201);
  assertEquals(put.headers.get("docker-content-digest"), DIGEST);
  assertEquals(put.headers.get("location"), `http://registry.test/v2/foo/blobs/${DIGEST}`);
  assertEquals(new Uint8Array(await get.arrayBuffer()), CONTENT);
  assertEquals((await registry.send("GET", location)).status, 404);
});

Deno.test("patchUpload appends chunks, and putUpload may bring the last one", async () => {
  const registry = new TestRegistry();
  let location = await registry.startUpload("foo");

  for (const [start, end] of [[0, 4], [4, 8]] as const) {
    const patch = await registry.send("PATCH", location, {
      headers: { "content-range": `${start}-${end - 1}` },
      body: CONTENT.slice(start, end),
    });
    assertEquals(patch.status, 202);
    assertEquals(patch.headers.get("range"), `0-${end - 1}`);
    location = patch.headers.get("location") ?? "";
  }
  const put = await registry.send("PUT", withQuery(location, { digest: DIGEST }), {
    headers: { "content-range": "8-9" },
    body: CONTENT.slice(8),
  });

  assertEquals(put.status, 201);
});

Deno.test("patchUpload refuses what does not continue the upload, and keeps what is there", async () => {
  const registry = new TestRegistry();
  const location = await registry.startUpload("foo");
  const patch = (range: string, body: Uint8Array<ArrayBuffer>) =>
    registry.send("PATCH", location, { headers: { "content-range": range }, body });
  await patch("0-3", CONTENT.slice(0, 4));

  const ahead = await patch("6-9", CONTENT.slice(6));
  const again = await patch("0-3", CONTENT.slice(0, 4));
  const inverted = await patch("4-3", CONTENT.slice(4));
  const malformed = await patch("bytes 4-9/10", CONTENT.slice(4));
  const otherLength = await patch("4-6", CONTENT.slice(4));
  const status = await registry.send("GET", location);

  for (const refused of [ahead, again, inverted, malformed]) {
    assertEquals(refused.status, 416);
    assertEquals(await errorCodes(refused), ["RANGE_INVALID"]);
  }
  assertEquals(otherLength.status, 400);
  assertEquals(await errorCodes(otherLength), ["SIZE_INVALID"]);
  assertEquals(status.headers.get("range"), "0-3");
});

Deno.test("putUpload refuses another digest, and the client may try again", async () => {
  const registry = new TestRegistry();
  const location = await registry.startUpload("foo");
  const other = digestBytes(toBytes("something else"));

  const wrong = await registry.send("PUT", withQuery(location, { digest: other }), {
    body: CONTENT,
  });
  const hidden = await registry.send("HEAD", `/v2/foo/blobs/${DIGEST}`);
  const right = await registry.send("PUT", withQuery(location, { digest: DIGEST }));

  assertEquals(wrong.status, 400);
  assertEquals(await errorCodes(wrong), ["DIGEST_INVALID"]);
  assertEquals(hidden.status, 404);
  assertEquals(right.status, 201);
});

Deno.test("putUpload refuses a digest that is missing or none", async () => {
  const registry = new TestRegistry();
  const location = await registry.startUpload("foo");

  const answers = [
    await registry.send("PUT", location, { body: CONTENT }),
    await registry.send("PUT", withQuery(location, { digest: "" }), { body: CONTENT }),
    await registry.send("PUT", withQuery(location, { digest: "sha257:00" }), { body: CONTENT }),
    await registry.send("PUT", withQuery(location, { digest: "sha256:00" }), { body: CONTENT }),
  ];

  for (const answer of answers) {
    assertEquals(answer.status, 400);
    assertEquals(await errorCodes(answer), ["DIGEST_INVALID"]);
  }
});

Deno.test("putUpload accepts the empty blob", async () => {
  const registry = new TestRegistry();

  const digest = await registry.pushBlob("foo", "");
  const head = await registry.send("HEAD", `/v2/foo/blobs/${digest}`);

  assertEquals(head.status, 200);
  assertEquals(head.headers.get("content-length"), "0");
});

Deno.test("postUpload takes a whole blob with digest", async () => {
  const registry = new TestRegistry();
  const path = `/v2/foo/blobs/uploads/?digest=${DIGEST}`;

  const wrong = await registry.send("POST", path, { body: toBytes("something else") });
  const announced = await registry.send("POST", path);
  const right = await registry.send("POST", path, { body: CONTENT });

  assertEquals(wrong.status, 400);
  assertEquals(announced.status, 202);
  assertEquals(right.status, 201);
  assertEquals((await registry.send("HEAD", `/v2/foo/blobs/${DIGEST}`)).status, 200);
});

Deno.test("postUpload mounts a blob from a repository, or from any", async () => {
  const registry = new TestRegistry();
  await registry.pushBlob("source", CONTENT);

  const from = await registry.send("POST", `/v2/a/blobs/uploads/?mount=${DIGEST}&from=source`);
  const any = await registry.send("POST", `/v2/b/blobs/uploads/?mount=${DIGEST}`);

  for (const [name, mounted] of [["a", from], ["b", any]] as const) {
    assertEquals(mounted.status, 201);
    assertEquals(mounted.headers.get("docker-content-digest"), DIGEST);
    assertEquals(
      mounted.headers.get("location"),
      `http://registry.test/v2/${name}/blobs/${DIGEST}`,
    );
    assertEquals((await registry.send("HEAD", `/v2/${name}/blobs/${DIGEST}`)).status, 200);
  }
});

Deno.test("postUpload begins an upload where it cannot mount", async () => {
  const registry = new TestRegistry();
  await registry.pushBlob("source", CONTENT);

  const answers = [
    await registry.send("POST", `/v2/a/blobs/uploads/?mount=${DIGEST}&from=elsewhere`),
    await registry.send("POST", `/v2/a/blobs/uploads/?mount=${DIGEST}&from=..%2Fsource`),
    await registry.send("POST", `/v2/a/blobs/uploads/?mount=sha256:00&from=source`),
    await registry.send("POST", `/v2/a/blobs/uploads/?mount=${digestBytes(toBytes("none"))}`),
  ];

  for (const answer of answers) {
    assertEquals(answer.status, 202);
    assert(answer.headers.has("docker-upload-uuid"));
    await answer.body?.cancel();
  }
  assertEquals((await registry.send("HEAD", `/v2/a/blobs/${DIGEST}`)).status, 404);
});

Deno.test("a blob that was pushed by its sha512 is there by that, and mounted by that", async () => {
  const registry = new TestRegistry();
  const digest = digestBytes(CONTENT, "sha512");
  const started = await registry.send("POST", "/v2/foo/blobs/uploads/?digest-algorithm=sha512");
  const location = started.headers.get("location") ?? "";

  const put = await registry.send("PUT", withQuery(location, { digest }), { body: CONTENT });
  const get = await registry.send("GET", `/v2/foo/blobs/${digest}`);
  const mount = await registry.send("POST", `/v2/bar/blobs/uploads/?mount=${digest}`);
  const deleted = await registry.send("DELETE", `/v2/foo/blobs/${DIGEST}`);

  assertEquals(put.status, 201);
  assertEquals(put.headers.get("docker-content-digest"), digest);
  assertEquals(get.headers.get("docker-content-digest"), digest);
  assertEquals(await get.text(), "0123456789");
  assertEquals(mount.status, 201);
  assertEquals(deleted.status, 202);
  assertEquals((await registry.send("HEAD", `/v2/foo/blobs/${digest}`)).status, 404);
  assertEquals((await registry.send("HEAD", `/v2/bar/blobs/${digest}`)).status, 200);
});

Deno.test("postUpload refuses an algorithm that digests cannot have", async () => {
  const answer = await new TestRegistry().send(
    "POST",
    "/v2/foo/blobs/uploads/?digest-algorithm=md5",
  );

  assertEquals(answer.status, 400);
  assertEquals(await errorCodes(answer), ["DIGEST_INVALID"]);
});

Deno.test("deleteUpload gives an upload up", async () => {
  const registry = new TestRegistry();
  const location = await registry.startUpload("foo");

  const cancelled = await registry.send("DELETE", location);

  assertEquals(cancelled.status, 204);
  assert(cancelled.headers.has("docker-upload-uuid"));
  for (const method of ["GET", "DELETE", "PATCH"]) {
    const answer = await registry.send(method, location);
    assertEquals(answer.status, 404);
    assertEquals(await errorCodes(answer), ["BLOB_UPLOAD_UNKNOWN"]);
  }
});

Deno.test("an upload with a secret has a state that may be dropped but not altered", async () => {
  const registry = new TestRegistry({ settings: { uploadSecret: "a secret" } });
  const location = await registry.startUpload("foo");
  const url = new URL(location);
  const state = url.searchParams.get("_state") ?? "";
  const last = state.at(-3) === "A" ? "B" : "A";
  const tampered = `${state.slice(0, -3)}${last}${state.slice(-2)}`;

  assertMatch(state, /^[A-Za-z0-9_=-]+$/);
  const refused = await registry.send("PATCH", withQuery(url.pathname, { _state: tampered }), {
    body: CONTENT,
  });
  const withState = await registry.send("PATCH", location, { body: CONTENT.slice(0, 4) });
  const stale = await registry.send("PATCH", location, { body: CONTENT.slice(4) });
  const dropped = await registry.send("PATCH", url.pathname, { body: CONTENT.slice(4) });

  assertEquals(refused.status, 404);
  assertEquals(await errorCodes(refused), ["BLOB_UPLOAD_INVALID"]);
  assertEquals(withState.status, 202);
  assertEquals(stale.status, 416);
  assertEquals(dropped.status, 202);
});

Deno.test("an upload without a secret accepts no state that somebody made up", async () => {
  const registry = new TestRegistry();
  const location = await registry.startUpload("foo");

  const answer = await registry.send("PATCH", withQuery(location, { _state: "AAAA" }), {
    body: CONTENT,
  });

  assertEquals(answer.status, 404);
  assertEquals(await errorCodes(answer), ["BLOB_UPLOAD_INVALID"]);
});

Deno.test("an upload belongs to its repository", async () => {
  const registry = new TestRegistry();
  const location = await registry.startUpload("foo");

  const answer = await registry.send("PATCH", location.replace("/foo/", "/bar/"), {
    body: CONTENT,
  });

  assertEquals(answer.status, 404);
  assertEquals(await errorCodes(answer), ["BLOB_UPLOAD_UNKNOWN"]);
});

Deno.test("patchUpload keeps what arrived before the client went away", async () => {
  const registry = new TestRegistry();
  const location = await registry.startUpload("foo");
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(CONTENT.slice(0, 4));
    },
    pull(controller) {
      controller.error(new Error("connection reset"));
    },
  }, { highWaterMark: 0 });

  const cut = await registry.send("PATCH", location, { body });
  const status = await registry.send("GET", location);
  const rest = await registry.send("PUT", withQuery(location, { digest: DIGEST }), {
    body: CONTENT.slice(4),
  });

  assertEquals(cut.status, 499);
  assertEquals(status.headers.get("range"), "0-3");
  assertEquals(rest.status, 201);
});
