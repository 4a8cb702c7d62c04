import { assertEquals, assertRejects } from "@std/assert";
import { HttpConnection } from "../../../scripts/bench/http_connection.ts";
import { NULL_BLOB_BYTES, startNullServer } from "../../../scripts/bench/null_server.ts";

/** So many answers take seconds: by then the thread has ended. */
const MAX_ASKS = 100_000;

Deno.test("startNullServer takes and gives bytes until it is disposed of", async () => {
  const server = await startNullServer();
  using connection = await HttpConnection.open(server.address);
  const body = [new Uint8Array(3_000_000)];
  const post = await connection.send({ method: "POST", path: "/v2/a/blobs/uploads/" });
  const put = await connection.send({ method: "PUT", path: "/upload", body });
  const get = await connection.send({ method: "GET", path: "/blob" });
  assertEquals([post.status, put.status, get.status], [202, 201, 200]);
  assertEquals(get.bodyBytes, NULL_BLOB_BYTES);

  server[Symbol.dispose]();
  // A thread ends when it is asked to, but not at once.
  await assertRejects(async () => {
    for (let ask = 0; ask < MAX_ASKS; ask++) {
      await connection.send({ method: "POST", path: "/v2/a/blobs/uploads/" });
    }
  });
});
