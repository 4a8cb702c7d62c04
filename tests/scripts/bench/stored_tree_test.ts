import { assertEquals } from "@std/assert";
import { BlobMaker } from "../../../scripts/bench/blob_maker.ts";
import { makeFreshImage } from "../../../scripts/bench/fresh_image.ts";
import { pushImage } from "../../../scripts/bench/image_transfers.ts";
import {
  removePushed,
  repositoryName,
  tagName,
  writeStoredTree,
} from "../../../scripts/bench/stored_tree.ts";
import { runClients } from "../../../scripts/bench/transfers.ts";
import { listTags, manifestStatus, requestJson } from "../../support/registry_client.ts";
import { TempFolder } from "../../support/temp.ts";
import { readTree } from "../../support/tree.ts";
import { startInProcess } from "./_stand.ts";

const SIZE = 230;

Deno.test("writeStoredTree makes a registry that answers", async () => {
  await using temp = await TempFolder.make();
  const tree = await writeStoredTree(temp.path, { size: SIZE, blobs: new BlobMaker() });
  await using server = await startInProcess(temp.path);
  const repository = { url: server.url, name: tree.repository };

  const tags = await listTags(repository);
  assertEquals([tags.length, tags[0], tags.at(-1)], [SIZE, tagName(0), tagName(SIZE - 1)]);
  assertEquals(await manifestStatus(repository, tagName(SIZE - 1)), 200);
  const { repositories } = await requestJson<{ repositories: readonly string[] }>(
    `${server.url}/v2/_catalog?n=1000`,
  );
  const others = Array.from({ length: SIZE - 1 }, (_, index) => repositoryName(index + 1));
  assertEquals(repositories, [tree.repository, ...others]);
});

Deno.test("removePushed leaves storage as it was before a push, but for what holds no content", async () => {
  await using temp = await TempFolder.make();
  const blobs = new BlobMaker();
  const tree = await writeStoredTree(temp.path, { size: 3, blobs });
  const before = await readTree(temp.path);
  const image = makeFreshImage(blobs, { layerBytes: [500] });
  const { repository } = tree;
  await using server = await startInProcess(temp.path);
  await runClients(
    { address: server.address, count: 1 },
    (connection) => pushImage(connection, image, { repository, tag: "new" }),
  );
  await removePushed(temp.path, {
    blobs: [...image.blobs, image.manifest],
    repository,
    tags: ["new"],
  });

  assertEquals(await readTree(temp.path), before);
  await removePushed(temp.path, { blobs: image.blobs, repository, tags: ["new"] });
});
