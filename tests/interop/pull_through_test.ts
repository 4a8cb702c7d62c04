/**
 * Stowage as a cache of real registries, with real clients before it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { assertEquals } from "@std/assert";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { parseDigest } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { layerLinkPath } from "../../src/storage/paths.ts";
import { soak } from "../crash/soak.ts";
import { type Image, makeImage, makeIndex } from "../support/images.ts";
import { run } from "../support/process.ts";
import { blobUrl, listTags, pushImage, verifyImage } from "../support/registry_client.ts";
import {
  filesystemStorage,
  type Registry,
  startRegistry,
  startStowage,
} from "../support/servers.ts";
import { podmanArgs } from "../support/podman.ts";
import { TempFolder } from "../support/temp.ts";
import { type Program, programPath, testWith } from "../support/tools.ts";

/** Who the cache is to the upstream; no log has such a password by chance. */
const ACCOUNT = { username: "cache", password: "cache-has-a-secret" } as const;

/** A kind of upstream, and the program that it needs. */
const UPSTREAMS = [
  { kind: "distribution2", needs: ["docker-registry"] },
  { kind: "distribution3", needs: ["registry"] },
  { kind: "stowage", needs: [] },
] as const;

async function pushTo(upstream: Registry, name: string): Promise<readonly Image[]> {
  const image = await makeImage({ seed: `pull-through/${name}`, layerSizes: [100, 2_000_000] });
  const index = await makeIndex({ seed: `pull-through/index/${name}` });
  await pushImage({ url: upstream.url, name }, { image, tag: "image" });
  await pushImage({ url: upstream.url, name }, { image: index, tag: "index" });
  return [image, index];
}

for (const { kind, needs } of UPSTREAMS) {
  testWith(needs as readonly Program[], {
    name: `Stowage pulls through from ${kind}, and goes on without it`,
    async fn() {
      await using temp = await TempFolder.make();
      const upstream = await startRegistry(kind, { folder: await temp.folder("upstream") });
      try {
        const [image, index] = await pushTo(upstream, "team/app");
        if (image === undefined || index === undefined) throw new Error("Cannot test: no images");
        const upstreams = [{ prefix: "other", remoteurl: upstream.url }];
        await using cache = await startStowage({
          folder: await temp.folder("cache"),
          config: { proxy: { upstreams } },
        });
        const copy = { url: cache.url, name: "other/team/app" };
        for (let round = 0; round < 2; round++) {
          await verifyImage(copy, { image, reference: "image" });
          await verifyImage(copy, { image: index, reference: "index" });
          await upstream[Symbol.asyncDispose]();
        }
        assertEquals(await listTags(copy), ["image", "index"]);
        // The same registry takes pushes beside its copies.
        await pushImage({ url: cache.url, name: "team/own" }, { image, tag: "v1" });
        await verifyImage({ url: cache.url, name: "team/own" }, { image, reference: "v1" });
      } finally {
        await upstream[Symbol.asyncDispose]();
      }
    },
  });
}

testWith(["registry"], {
  name: "Stowage takes over a cache of Distribution 3, with its scheduler state",
  async fn() {
    await using temp = await TempFolder.make();
    await using upstream = await startRegistry("distribution3", {
      folder: await temp.folder("upstream"),
    });
    const [image] = await pushTo(upstream, "team/app");
    if (image === undefined) throw new Error("Cannot test: no image");
    const folder = await temp.folder("cache");
    const config = {
      storage: filesystemStorage(temp.join("cache/data")),
      proxy: { remoteurl: upstream.url, ttl: "1h" },
    };
    const name = "team/app";
    const before = await startRegistry("distribution3", { folder, config });
    await verifyImage({ url: before.url, name }, { image, reference: "image" });
    // Distribution stores a blob behind the back of whoever has got it, and its link at last.
    const links = image.blobs.map(({ digest }) =>
      temp.join(`cache/data/${layerLinkPath(name, parseDigest(digest))}`)
    );
    for (let turn = 0; turn < 1000 && !links.every((link) => existsSync(link)); turn++) {
      await (await fetch(`${before.url}/v2/`)).body?.cancel();
    }
    await before[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await using cache = await startStowage({ folder, config });
    await verifyImage({ url: cache.url, name }, { image, reference: "image" });
  },
});

/** A token server that gives a token to whoever has the password. */
async function startTokenServer(temp: TempFolder) {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...await exportJWK(publicKey), kid: "key", alg: "ES256", use: "sig" };
  const jwks = await temp.write("jwks.json", JSON.stringify({ keys: [jwk] }));
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { searchParams } = new URL(request.url);
    if (
      request.headers.get("authorization") !==
        `Basic ${btoa(`${ACCOUNT.username}:${ACCOUNT.password}`)}`
    ) {
      return new Response(null, { status: 401 });
    }
    const scope = searchParams.get("scope") ?? "";
    asked.push(scope);
    const [type, name, actions = ""] = scope.split(":");
    const token = await new SignJWT({ access: [{ type, name, actions: actions.split(",") }] })
      .setProtectedHeader({ alg: "ES256", kid: "key" })
      .setIssuer("issuer").setAudience("service").setSubject("cache")
      .setIssuedAt().setNotBefore("-5s").setExpirationTime("5m").setJti(crypto.randomUUID())
      .sign(privateKey);
    return Response.json({ token, expires_in: 300 });
  });
  const host = `127.0.0.1:${server.addr.port}`;
  const auth = {
    token: { realm: `http://${host}/token`, service: "service", issuer: "issuer", jwks },
  };
  return { host, auth, asked, [Symbol.asyncDispose]: () => server.shutdown() };
}

testWith(["registry"], {
  name: "Stowage signs in to Distribution 3 with tokens, from a server that is allowed alone",
  async fn() {
    await using temp = await TempFolder.make();
    const folder = await temp.folder("upstream");
    const storage = filesystemStorage(temp.join("data"));
    const open = await startRegistry("distribution3", { folder, config: { storage } });
    const [image] = await pushTo(open, "team/app");
    await open[Symbol.asyncDispose]();
    await using tokens = await startTokenServer(temp);
    const { auth, host, asked } = tokens;
    await using upstream = await startRegistry("distribution3", {
      folder,
      config: { storage, auth },
    });
    for (const [allowedhosts, status] of [[[], 401], [[host], 200]] as const) {
      await using cache = await startStowage({
        folder: await temp.folder(`cache-${status}`),
        config: { proxy: { remoteurl: upstream.url, ...ACCOUNT, allowedhosts } },
      });
      const response = await fetch(`${cache.url}/v2/team/app/manifests/image`);
      assertEquals(response.status, status);
      await response.body?.cancel();
      if (image === undefined || status !== 200) {
        assertEquals(asked, []);
        continue;
      }
      await verifyImage({ url: cache.url, name: "team/app" }, { image, reference: "image" });
    }
    assertEquals(new Set(asked), new Set(["repository:team/app:pull"]));
  },
});

testWith(["skopeo", "podman", "root", "registry"], {
  name: "Stowage is a mirror for podman and skopeo, and for containerd's form of requests",
  async fn() {
    await using temp = await TempFolder.make();
    await using upstream = await startRegistry("distribution3", {
      folder: await temp.folder("upstream"),
    });
    const [image] = await pushTo(upstream, "team/app");
    await using cache = await startStowage({
      folder: await temp.folder("cache"),
      config: { proxy: { upstreams: [{ prefix: "hub.invalid", remoteurl: upstream.url }] } },
    });
    const registries = await temp.write(
      "registries.conf",
      `[[registry]]\nlocation = "hub.invalid"\n[[registry.mirror]]\n` +
        `location = "${cache.host}/hub.invalid"\ninsecure = true\n`,
    );
    const env = {
      CONTAINERS_REGISTRIES_CONF: registries,
      HOME: await temp.folder("home"),
      XDG_RUNTIME_DIR: await temp.folder("runtime"),
    };
    const wanted = "docker://hub.invalid/team/app:image";
    const skopeo = [
      "--registries-conf",
      registries,
      "inspect",
      "--no-tags",
      "--format={{.Digest}}",
      wanted,
    ];
    const digest = await run([programPath("skopeo"), ...skopeo], { env });
    assertEquals(digest, image?.manifest.digest);
    const pull = ["pull", "--quiet", "hub.invalid/team/app:image"];
    await run([programPath("podman"), ...podmanArgs(temp), ...pull], { env });
    const containerd = await fetch(`${cache.url}/v2/team/app/manifests/image?ns=hub.invalid`);
    assertEquals(containerd.headers.get("oci-namespace"), "hub.invalid");
    assertEquals(containerd.headers.get("docker-content-digest"), image?.manifest.digest);
    await containerd.body?.cancel();
  },
});

testWith(["registry"], {
  name: "Stowage asks the upstream once for each blob, however many clients come at once",
  async fn() {
    await using temp = await TempFolder.make();
    await using upstream = await startRegistry("distribution3", {
      folder: await temp.folder("upstream"),
    });
    const layerSizes = [1000, soak(50_000_000, 5_000_000)];
    const image = await makeImage({ seed: "burst", layerSizes });
    await pushImage({ url: upstream.url, name: "app" }, { image, tag: "v1" });
    const fetched: string[] = [];
    const gate = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
      const { pathname, search } = new URL(request.url);
      if (request.method === "GET" && pathname.includes("/blobs/")) fetched.push(pathname);
      const { method, headers } = request;
      return fetch(upstream.url + pathname + search, { method, headers, redirect: "manual" });
    });
    await using cache = await startStowage({
      folder: await temp.folder("cache"),
      config: { proxy: { remoteurl: `http://127.0.0.1:${gate.addr.port}` } },
    });
    try {
      const pull = async () => {
        const manifest = await fetch(`${cache.url}/v2/app/manifests/v1`);
        assertEquals(digestBytes(await manifest.bytes()), image.manifest.digest);
        for (const { digest } of image.blobs) {
          const response = await fetch(blobUrl({ url: cache.url, name: "app" }, digest));
          assertEquals(digestBytes(await response.bytes()), digest);
        }
      };
      await Promise.all(Array.from({ length: 200 }, pull));
      assertEquals(fetched.length, new Set(image.blobs.map(({ digest }) => digest)).size);
    } finally {
      await gate.shutdown();
    }
  },
});
