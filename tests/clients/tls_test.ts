import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CA_CERTIFICATE } from "../server/_certificates.ts";
import { CLIENT, CLIENT_CA, STRANGER } from "../server/_client_certificates.ts";
import { makeImage, writeOciLayout } from "../support/images.ts";
import { run } from "../support/process.ts";
import { type Registry, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { writeTlsFiles } from "../support/tls.ts";
import { type Program, programPath, testWith } from "../support/tools.ts";

/** A registry that speaks TLS, and a client of it. */
interface Scene {
  readonly registry: Registry;
  readonly temp: TempFolder;
  /** Runs the client, which trusts who signed the registry's certificate. */
  run(...args: readonly string[]): Promise<string>;
}

interface TlsTest {
  readonly name: string;
  readonly fn: (scene: Scene) => Promise<void>;
  /** Keys of `http.tls` beside certificate and key. @default none */
  readonly tls?: (temp: TempFolder) => Promise<Readonly<Record<string, unknown>>>;
}

function testTls(program: Program, { name, fn, tls }: TlsTest): void {
  testWith([program], {
    name: `${program} ${name}`,
    fn: async () => {
      await using temp = await TempFolder.make();
      const more = await tls?.(temp) ?? {};
      await using registry = await startStowage({
        folder: temp.path,
        config: { http: { tls: { ...await writeTlsFiles(temp), ...more } } },
        tls: true,
      });
      const env = {
        HOME: await temp.folder("home"),
        REGISTRY_AUTH_FILE: await temp.write("auth.json", "{}"),
        SSL_CERT_FILE: await temp.write("ca.crt", CA_CERTIFICATE),
      };
      const command = programPath(program);
      await fn({
        registry,
        temp,
        run: (...args) => run([command, ...args], { env, cwd: temp.path }),
      });
    },
  });
}

/** Asks that clients show a certificate. */
async function clientCertificates(temp: TempFolder): Promise<Readonly<Record<string, unknown>>> {
  return { clientcas: [await temp.write("clients.crt", CLIENT_CA)] };
}

testTls("crane", {
  name: "pushes and pulls over TLS, a large layer too",
  fn: async ({ registry, run, temp }) => {
    const image = await makeImage({ seed: "tls/crane", layerSizes: [50, 60_000_000] });
    await writeOciLayout(temp.join("in"), { v1: image });
    const ref = `${registry.host}/tls:v1`;

    const pushed = await run("push", temp.join("in"), ref);
    await run("pull", "--format=oci", ref, temp.join("out"));

    assertEquals(pushed, `${registry.host}/tls@${image.manifest.digest}`);
    for (const { digest, bytes } of [image.manifest, ...image.blobs]) {
      assertEquals(await Deno.readFile(temp.join("out/blobs", digest.replace(":", "/"))), bytes);
    }
  },
});

testTls("skopeo", {
  name: "copies in and out over TLS with a client certificate, and not without",
  tls: clientCertificates,
  fn: async ({ registry, run, temp }) => {
    const image = await makeImage({ seed: "tls/skopeo", layerSizes: [2000, 3_000_000] });
    await writeOciLayout(temp.join("in"), { v1: image });
    const folder = await temp.folder("certs");
    await Deno.writeTextFile(`${folder}/ca.crt`, CA_CERTIFICATE);
    const ref = `docker://${registry.host}/tls:v1`;
    const copy = ["copy", "--preserve-digests", `--dest-cert-dir=${folder}`];

    await assertRejects(() => run(...copy, `oci:${temp.join("in")}:v1`, ref));
    await Deno.writeTextFile(`${folder}/client.cert`, CLIENT.cert);
    await Deno.writeTextFile(`${folder}/client.key`, CLIENT.key);
    await run(...copy, `oci:${temp.join("in")}:v1`, ref);
    const inspected = await run("inspect", `--cert-dir=${folder}`, "--raw", ref);

    assertEquals(new TextEncoder().encode(inspected), image.manifest.bytes);
  },
});

testTls("curl", {
  name: "is admitted with a client certificate, over either version of HTTP",
  tls: clientCertificates,
  fn: async ({ registry, run, temp }) => {
    const files = async (name: string, { cert, key }: typeof CLIENT | typeof STRANGER) => [
      ...["--cert", await temp.write(`${name}.crt`, cert)],
      ...["--key", await temp.write(`${name}.key`, key)],
    ];
    const ask = (...args: readonly string[]) =>
      run("-sS", "--cacert", temp.join("ca.crt"), "-w", " %{http_code} %{http_version}", ...args);
    const url = `${registry.url}/v2/`;
    const client = await files("client", CLIENT);
    const stranger = await files("stranger", STRANGER);

    for (const version of ["1.1", "2"]) {
      assertStringIncludes(await ask(`--http${version}`, ...client, url), ` 200 ${version}`);
      await assertRejects(() => ask(`--http${version}`, ...stranger, url));
      await assertRejects(() => ask(`--http${version}`, url));
    }
  },
});
