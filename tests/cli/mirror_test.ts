import { assertEquals, assertRejects } from "@std/assert";
import { MIRROR_COMMAND, renderProgress, renderSummary } from "../../src/cli/mirror.ts";
import { ConfigError } from "../../src/config/error.ts";
import { TestRegistry } from "../api/_registry.ts";
import { TempFolder } from "../support/temp.ts";
import { FakeSurroundings } from "./_fake_surroundings.ts";

const PROGRESS = {
  tags: 3,
  wantedTags: 4,
  failedTags: 1,
  manifests: 5,
  blobs: 6,
  bytes: 12_000_000,
};

async function mirror(images: string, more = "") {
  await using temp = await TempFolder.make();
  const upstream = new TestRegistry();
  await upstream.pushImage("team/app", { reference: "v1" });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    return upstream.send(request.method, pathname + search);
  });
  const path = await temp.write(
    "config.yml",
    `version: 0.1
storage: {filesystem: {rootdirectory: ${temp.join("data")}}}
proxy:
  upstreams: [{prefix: other, remoteurl: "http://127.0.0.1:${server.addr.port}"}]
  mirror: {images: ${images}${more}}
`,
  );
  const surroundings = new FakeSurroundings();
  try {
    const running = MIRROR_COMMAND.run({ operands: [path], flags: new Set() }, surroundings);
    if (more !== "") {
      while (!surroundings.stdout.text.includes("images:")) {
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      surroundings.signal("SIGTERM");
    }
    return { code: await running, text: surroundings.stdout.text };
  } finally {
    await server.shutdown();
  }
}

Deno.test("MIRROR_COMMAND copies what the configuration names, and says what came of it", async () => {
  const { code, text } = await mirror('[{repository: other/team/app, tags: ["v*"]}]');
  assertEquals(text, "images: 1 here; manifests: 1, blobs: 2, 9 B\n");
  assertEquals(code, 0);
});

Deno.test("MIRROR_COMMAND fails where an image could not be copied", async () => {
  const { code, text } = await mirror("[{repository: other/team/app, tags: [none]}]");
  assertEquals(text, "images: 0 here, 1 failed; manifests: 0, blobs: 0, 0 B\n");
  assertEquals(code, 1);
});

Deno.test("MIRROR_COMMAND does so again and again, until it is told to end", async () => {
  const { code } = await mirror("[{repository: other/team/app, tags: [v1]}]", ", interval: 1h");
  assertEquals(code, 0);
});

Deno.test("MIRROR_COMMAND explains a configuration that names no images", async () => {
  await assertRejects(() => mirror("[]"), ConfigError);
});

Deno.test("renderProgress shows how far it is", () => {
  const bar = `${"#".repeat(22)}${".".repeat(8)}`;
  assertEquals(renderProgress(PROGRESS), `[${bar}] 3 of 4 images, 12 MB`);
  assertEquals(renderProgress({ ...PROGRESS, tags: 0, wantedTags: 0 }).startsWith("[...."), true);
});

Deno.test("renderSummary tells of what failed only where something did", () => {
  assertEquals(
    renderSummary({ ...PROGRESS, tags: 4 }),
    "images: 3 here, 1 failed; manifests: 5, blobs: 6, 12 MB",
  );
});
