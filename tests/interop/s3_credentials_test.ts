/**
 * Keys for S3 that are in no configuration: the program finds them as the vendor's programs do.
 *
 * @module
 */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { makeImage } from "../support/images.ts";
import { pushImage, verifyImage } from "../support/registry_client.ts";
import { startStowage } from "../support/servers.ts";
import { S3Double } from "../support/s3_double.ts";
import { TempFolder } from "../support/temp.ts";
import { S3_KEYS, s3Storage } from "../support/versitygw.ts";

const ROLE = "registry-role";
const SESSION = "a-session-of-the-role";
const FOLDER = "/latest/meta-data/iam/security-credentials/";

/** Answers as the services do that give keys to machines and to containers. */
function answerWithKeys(path: string): Response {
  if (path === "/latest/api/token") return new Response("a token");
  if (path === FOLDER) return new Response(ROLE);
  if (path !== FOLDER + ROLE && path !== "/container") return new Response(null, { status: 404 });
  return Response.json({
    Code: "Success",
    AccessKeyId: S3_KEYS.accessKey,
    SecretAccessKey: S3_KEYS.secretKey,
    Token: SESSION,
    Expiration: "2999-01-01T00:00:00Z",
  });
}

/** Where keys may come from: the variables that say so, and what is asked for then. */
const SOURCES: Readonly<
  Record<string, {
    readonly env: (url: string) => Readonly<Record<string, string>>;
    readonly asked: string | undefined;
  }>
> = {
  "the environment": {
    env: () => ({
      AWS_ACCESS_KEY_ID: S3_KEYS.accessKey,
      AWS_SECRET_ACCESS_KEY: S3_KEYS.secretKey,
    }),
    asked: undefined,
  },
  "its container": {
    env: (url) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container` }),
    asked: "/container",
  },
  "its machine": {
    env: (url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url }),
    asked: FOLDER + ROLE,
  },
};

/** The section `storage` without keys, and variables that hide those of whoever runs the tests. */
function withoutKeys(url: string, folder: string) {
  const storage = s3Storage(url);
  const { accesskey: _, secretkey: __, ...s3 } = storage["s3"] as Record<string, unknown>;
  const nowhere = `${folder}/missing`;
  return {
    config: { storage: { ...storage, s3 } },
    env: { AWS_SHARED_CREDENTIALS_FILE: nowhere, AWS_CONFIG_FILE: nowhere },
  };
}

for (const [name, { env, asked }] of Object.entries(SOURCES)) {
  Deno.test(`serve takes the keys of S3 from ${name}`, async () => {
    await using temp = await TempFolder.make();
    await using store = await S3Double.start();
    const paths: string[] = [];
    const listen = { port: 0, hostname: "127.0.0.1", onListen() {} };
    await using service = Deno.serve(listen, (request) => {
      const { pathname } = new URL(request.url);
      paths.push(pathname);
      return answerWithKeys(pathname);
    });
    const keyless = withoutKeys(store.url, temp.path);
    await using registry = await startStowage({
      folder: temp.path,
      config: keyless.config,
      env: { ...keyless.env, ...env(`http://127.0.0.1:${service.addr.port}`) },
    });
    const repository = { url: registry.url, name: "app" };
    const image = await makeImage({ seed: `credentials/${name}` });
    await pushImage(repository, { image, tag: "v1" });
    await verifyImage(repository, { image, reference: "v1" });
    for (const { headers } of store.requests) {
      assertStringIncludes(headers["authorization"] ?? "", `Credential=${S3_KEYS.accessKey}/`);
      assertEquals(headers["x-amz-security-token"], asked === undefined ? undefined : SESSION);
    }
    assertEquals(
      asked === undefined ? paths : paths.includes(asked),
      asked === undefined ? [] : true,
    );
  });
}

Deno.test("serve says so where it finds no keys of S3", async () => {
  await using temp = await TempFolder.make();
  await using store = await S3Double.start();
  const { config, env } = withoutKeys(store.url, temp.path);
  const starting = startStowage({
    folder: temp.path,
    config,
    env: { ...env, AWS_EC2_METADATA_DISABLED: "true" },
  });
  await assertRejects(() => starting, Error, "storage.s3.accesskey");
});
