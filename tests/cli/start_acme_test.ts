import { connect } from "node:tls";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startAuthority } from "../support/acme.ts";
import { startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

const HOST = "registry.example.test";

/** Asks for the base of the API by the name that the certificate is for. */
async function askApi(port: number, ca: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = "";
  const socket = connect({ host: "127.0.0.1", port, servername: HOST, ca }, () => {
    socket.write(`GET /v2/ HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
  });
  socket.on("data", (bytes) => answer += bytes);
  socket.on("end", () => resolve(answer));
  socket.on("error", reject);
  return await promise;
}

testWith(["pebble", "pebble-challtestsrv"], {
  name: "startAcme lets all threads of serve show a certificate of a real authority",
  fn: async () => {
    await using temp = await TempFolder.make();
    await using authority = await startAuthority(temp);
    const letsencrypt = {
      cachefile: temp.join("acme"),
      email: "root@example.test",
      hosts: [HOST],
      directoryurl: authority.directoryUrl,
      httpaddr: `127.0.0.1:${authority.httpPort}`,
    };
    const options = {
      folder: temp.path,
      config: { http: { tls: { letsencrypt }, workers: 2, draintimeout: "5s" } },
      env: { NODE_EXTRA_CA_CERTS: authority.caFile },
      tls: true,
    } as const;
    const root = await authority.root();

    await using first = await startStowage(options);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => askApi(first.port, root)),
    );
    const redirect = await fetch(`http://127.0.0.1:${authority.httpPort}/v2/`, {
      redirect: "manual",
    });
    await redirect.body?.cancel();
    // The port is open as soon as one thread listens; signals are minded when all do.
    while (!first.process.output.includes("listening on")) await askApi(first.port, root);
    const { code } = await first.process.stop();
    const kept = await Deno.readTextFile(temp.join("acme/stowage.pem"));
    await using second = await startStowage(options);
    await askApi(second.port, root);

    assert(answers.every((answer) => answer.startsWith("HTTP/1.1 200 ")), answers[0]);
    assertStringIncludes(first.process.output, "obtained a TLS certificate");
    assertEquals(redirect.status, 400, "127.0.0.1 is no host of ours");
    assertEquals(code, 0);
    // What is kept serves again.
    assertEquals(await Deno.readTextFile(temp.join("acme/stowage.pem")), kept);
    assertEquals(second.process.output.includes("obtained"), false);
  },
});
