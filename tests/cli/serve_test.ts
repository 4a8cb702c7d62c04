import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { TempFolder } from "../support/temp.ts";
import { Program } from "./_program.ts";

/** Starts a registry in memory on a free port. */
async function startConfigured(folder: TempFolder, http: Readonly<Record<string, unknown>> = {}) {
  const config = {
    version: "0.1",
    storage: "inmemory",
    http: { addr: "127.0.0.1:0", ...http },
  };
  const path = await folder.write("config.yml", JSON.stringify(config));
  return await Program.start({ args: ["serve", path], cwd: folder.path });
}

/** An upload whose body is half sent; the answer comes when the other half is. */
class HalfUpload implements Disposable {
  readonly #connection: Deno.Conn;

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  static async begin(port: number): Promise<HalfUpload> {
    const url = `http://127.0.0.1:${port}`;
    const session = await fetch(`${url}/v2/a/b/blobs/uploads/`, { method: "POST" });
    await session.body?.cancel();
    const { pathname, search } = new URL(session.headers.get("location") ?? "", url);
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const head = [
      `PATCH ${pathname}${search} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Content-Type: application/octet-stream",
      "Content-Length: 10",
      // The answer to this tells that the request is being handled.
      "Expect: 100-continue",
    ];
    await connection.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
    const upload = new HalfUpload(connection);
    assert((await upload.read()).startsWith("HTTP/1.1 100 "));
    await connection.write(new Uint8Array(5));
    return upload;
  }

  /** Sends the rest and gives the answer. */
  async finish(): Promise<string> {
    await this.#connection.write(new Uint8Array(5));
    return await this.read();
  }

  async read(): Promise<string> {
    const buffer = new Uint8Array(4096);
    const length = await this.#connection.read(buffer) ?? 0;
    return new TextDecoder().decode(buffer.subarray(0, length));
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

Deno.test("stowage serve without a file welcomes and keeps its data beside it", async () => {
  await using folder = await TempFolder.make();
  await using program = await Program.start({
    args: ["serve"],
    cwd: folder.path,
    env: { REGISTRY_HTTP_ADDR: "127.0.0.1:0" },
  });
  const port = await program.port();
  await program.logged(/Press Ctrl-C/);

  const response = await fetch(`http://127.0.0.1:${port}/v2/first/blobs/uploads/`, {
    method: "POST",
  });
  await response.body?.cancel();
  program.signal("SIGTERM");

  assertEquals(await program.exitCode(), 0);
  assertEquals(response.status, 202);
  assertStringIncludes(program.stderr, `  Registry   http://127.0.0.1:${port}\n`);
  assertStringIncludes(program.stderr, `  Data       ${folder.join("data")}\n`);
  assertStringIncludes(program.stderr, `  docker push 127.0.0.1:${port}/alpine\n`);
  assertEquals(program.stdout, "");
  assert((await Deno.stat(folder.join("data/docker/registry/v2"))).isDirectory);
});

Deno.test("stowage serve with a file writes log lines alone", async () => {
  await using folder = await TempFolder.make();
  await using program = await startConfigured(folder);
  await program.port();
  program.signal("SIGINT");

  assertEquals(await program.exitCode(), 0);
  const lines = program.stderr.trimEnd().split("\n");
  for (const line of lines) assert(line.startsWith('time="'), line);
  assertEquals(program.stdout, "");
});

Deno.test("stowage serve lets an upload finish that is under way", async () => {
  await using folder = await TempFolder.make();
  await using program = await startConfigured(folder, { draintimeout: "60s" });
  using upload = await HalfUpload.begin(await program.port());

  program.signal("SIGTERM");
  await program.logged(/signal=SIGTERM timeout=1m0s/);
  const answer = await upload.finish();

  assert(answer.startsWith("HTTP/1.1 202 "), answer);
  assertEquals(await program.exitCode(), 0);
});

Deno.test("stowage serve gives up on an upload when the time is up", async () => {
  await using folder = await TempFolder.make();
  await using program = await startConfigured(folder, { draintimeout: "10ms" });
  using _upload = await HalfUpload.begin(await program.port());

  program.signal("SIGTERM");

  assertEquals(await program.exitCode(), 1);
  assertStringIncludes(program.stderr, "level=fatal");
  assertStringIncludes(program.stderr, "requests=1 timeout=10ms");
});

Deno.test("stowage serve closes in order and at once where there is no drain", async () => {
  await using folder = await TempFolder.make();
  await using program = await startConfigured(folder);
  using upload = await HalfUpload.begin(await program.port());

  program.signal("SIGTERM");

  assertEquals(await program.exitCode(), 0);
  assertEquals(await upload.read().catch(() => ""), "");
  assertStringIncludes(program.stderr, "msg=stopped");
});

Deno.test("stowage serve ends at once on a second signal", async () => {
  await using folder = await TempFolder.make();
  await using program = await startConfigured(folder, { draintimeout: "60s" });
  using _upload = await HalfUpload.begin(await program.port());

  program.signal("SIGTERM");
  await program.logged(/signal=SIGTERM/);
  program.signal("SIGINT");

  assertEquals(await program.exitCode(), 130);
});

Deno.test("stowage serve says in one line that its address is taken", async () => {
  await using folder = await TempFolder.make();
  await using first = await startConfigured(folder);
  const addr = `127.0.0.1:${await first.port()}`;
  await using second = await startConfigured(folder, { addr });

  assertEquals(await second.exitCode(), 1);
  const lines = second.stderr.trimEnd().split("\n");
  assertEquals(lines.length, 1, second.stderr);
  assertStringIncludes(second.stderr, 'level=fatal msg="could not start" err.message="');
  assertStringIncludes(second.stderr, `http.addr \\"${addr}\\": address already in use`);
});

Deno.test("stowage serve logs what is odd in its configuration", async () => {
  await using folder = await TempFolder.make();
  await using program = await startConfigured(folder, { adddr: ":1" });
  await program.port();
  program.signal("SIGTERM");

  assertEquals(await program.exitCode(), 0);
  assertStringIncludes(program.stderr, 'level=warning msg="configuration warning"');
  assertStringIncludes(program.stderr, "config.key=http.adddr");
});

Deno.test("stowage ends with the exit code of its command and no stack", async () => {
  await using folder = await TempFolder.make();
  await using wrong = await Program.start({ args: ["sevre"], cwd: folder.path });
  await using missing = await Program.start({ args: ["serve", "no.yml"], cwd: folder.path });

  assertEquals([await wrong.exitCode(), await missing.exitCode()], [2, 1]);
  assertStringIncludes(missing.stderr, '"no.yml" is missing');
  assertFalse(/\n\s+at /.test(missing.stderr));
});
