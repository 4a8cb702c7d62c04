/**
 * The executable, as `deno task compile` makes it, with a real client.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { connectRedis } from "../../src/redis/connect.ts";
import { MailServer } from "../log/_mail_server.ts";
import { makeIndex, writeOciLayout } from "../support/images.ts";
import { freePort, run, ServerProcess } from "../support/process.ts";
import { redisConfig, startRedis } from "../support/redis.ts";
import { verifyImage } from "../support/registry_client.ts";
import { TempFolder } from "../support/temp.ts";
import { readTree } from "../support/tree.ts";
import { executablePath, programPath, testWith } from "../support/tools.ts";

testWith(["executable", "skopeo"], {
  name: "dist/stowage serves without a file: an image goes in and comes back bit for bit",
  async fn() {
    await using temp = await TempFolder.make();
    const host = `127.0.0.1:${freePort()}`;
    await using server = await ServerProcess.start({
      command: executablePath(),
      args: ["serve"],
      env: {
        REGISTRY_HTTP_ADDR: host,
        REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: temp.join("data"),
      },
      readyUrl: `http://${host}/v2/`,
    });
    const image = await makeIndex({ seed: "executable", layerSizes: [1000, 3_000_000] });
    await writeOciLayout(temp.join("in"), { v1: image });
    const copy = (from: string, to: string) =>
      run([
        programPath("skopeo"),
        ...["--insecure-policy", "copy", "--all", "--preserve-digests"],
        ...["--src-tls-verify=false", "--dest-tls-verify=false", from, to],
      ]);

    await copy(`oci:${temp.join("in")}:v1`, `docker://${host}/team/app:v1`);
    await copy(`docker://${host}/team/app:v1`, `oci:${temp.join("out")}:v1`);

    const repository = { url: `http://${host}`, name: "team/app" };
    await verifyImage(repository, { image, reference: "v1" });
    const [sent, received] = [await readTree(temp.join("in")), await readTree(temp.join("out"))];
    assertEquals(blobsOf(received), blobsOf(sent));
    assertStringIncludes(await run([executablePath(), "version"]), "0.");
    assertEquals((await server.stop()).code, 0);
    const { size } = await Deno.stat(executablePath());
    console.log(`packaging: dist/stowage has ${Math.round(size / 1e6)} MB`);
  },
});

testWith(["executable"], {
  name: "dist/stowage loads the libraries that it needs only at times: metrics, mail",
  async fn() {
    await using temp = await TempFolder.make();
    await using mailServer = await MailServer.start();
    const host = `127.0.0.1:${freePort()}`;
    const debug = `127.0.0.1:${freePort()}`;
    const down = temp.join("down");
    const options = { smtp: { addr: mailServer.addr }, from: "r@test", to: ["a@test"] };
    const config = await temp.write(
      "config.yml",
      JSON.stringify({
        version: "0.1",
        log: { hooks: [{ type: "mail", levels: ["error"], options }] },
        storage: { filesystem: { rootdirectory: temp.join("data") } },
        http: { addr: host, debug: { addr: debug, prometheus: { enabled: true } } },
        health: { file: [{ file: down, interval: "10ms" }] },
      }),
    );
    await using _server = await ServerProcess.start({
      command: executablePath(),
      args: ["serve", config],
      readyUrl: `http://${debug}/metrics`,
    });

    const metrics = await (await fetch(`http://${debug}/metrics`)).text();
    assertStringIncludes(metrics, "\nstowage_serving_threads ");
    await Deno.writeTextFile(down, "");
    const [mail] = await mailServer.received(1);
    assertStringIncludes(mail?.text ?? "", "health check fails");
  },
});

testWith(["executable", "redis-server"], {
  name: "dist/stowage speaks to Redis",
  async fn() {
    await using temp = await TempFolder.make();
    await using redis = await startRedis();
    const host = `127.0.0.1:${freePort()}`;
    const config = await temp.write(
      "config.yml",
      JSON.stringify({
        version: "0.1",
        storage: { filesystem: { rootdirectory: temp.join("data") } },
        redis: { addrs: [redis.addr] },
        http: { addr: host },
        health: { redis: { enabled: true, interval: "10ms" } },
      }),
    );
    await using _server = await ServerProcess.start({
      command: executablePath(),
      args: ["serve", config],
      readyUrl: `http://${host}/v2/`,
    });

    const client = await connectRedis(redisConfig({ addr: redis.addr }));
    let asked = "";
    while (!asked.includes("cmdstat_ping")) {
      asked = String(await client.send(["INFO", "commandstats"]));
      assertEquals(await (await fetch(`http://${host}/readyz`)).text(), "ok\n");
    }
    client.close();
  },
});

function blobsOf(tree: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => path.includes("blobs/")));
}
