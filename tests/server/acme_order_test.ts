import { X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import { connect } from "node:tls";
import { axios } from "acme-client";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { AcmeCertificates } from "../../src/server/acme_certificates.ts";
import { createAcmeOrders } from "../../src/server/acme_order.ts";
import { createAcmeResponder } from "../../src/server/acme_responder.ts";
import { AcmeStore } from "../../src/server/acme_store.ts";
import type { RunningServer } from "../../src/server/start_server.ts";
import { startAuthority } from "../support/acme.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { CA_CERTIFICATE } from "./_certificates.ts";
import { LOG, start, text } from "./_server.ts";

const HOSTS = ["registry.example.test", "mirror.example.test"];

/** The serial number of the certificate that a server shows to a client who trusts `root`. */
async function serialOf({ address }: RunningServer, root: string): Promise<string | undefined> {
  const port = address.transport === "tcp" ? address.port : 0;
  const serials = await Promise.all(HOSTS.map((servername) => {
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    const socket = connect({ host: "127.0.0.1", port, servername, ca: root }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.end();
    });
    socket.on("error", reject);
    return promise;
  }));
  assertEquals(new Set(serials).size, 1);
  return serials[0];
}

testWith(["pebble", "pebble-challtestsrv"], {
  name: "createAcmeOrders obtains a certificate from a real authority, and the next one in time",
  fn: async () => {
    await using temp = await TempFolder.make();
    await using authority = await startAuthority(temp);
    // The authority of this test is known to nobody else.
    axios.defaults.httpsAgent = new Agent({ ca: CA_CERTIFICATE });
    const store = new AcmeStore(temp.join("acme"));
    const letsEncrypt = {
      cacheFile: temp.join("acme"),
      email: "root@example.test",
      hosts: HOSTS,
      directoryUrl: authority.directoryUrl,
      httpAddr: `127.0.0.1:${authority.httpPort}`,
    };
    await using _responder = await start(createAcmeResponder(store, HOSTS), {
      addr: letsEncrypt.httpAddr,
    });
    const timers = new ManualTimers(Date.now());
    const orders = await createAcmeOrders(letsEncrypt, store);
    const certificates = new AcmeCertificates({
      store,
      orders,
      hosts: HOSTS,
      clock: timers,
      timers,
      log: LOG,
    });

    await certificates.start();
    await using server = await start(() => text("ok"), { tls: { files: store.files }, timers });
    const root = await authority.root();
    const first = await serialOf(server, root);
    const accountKey = await store.accountKey();
    const facts = orders.read(await store.certificate() ?? "");
    assert(HOSTS.every((host) => facts.hosts.includes(host)));
    const { issuer } = new X509Certificate(await store.certificate() ?? "");
    assert(issuer.includes("Pebble"), issuer);

    // Sixty-one of the ninety days later the certificate is renewed, and then taken up.
    await timers.pass(0);
    await timers.pass(61 * 24 * 3_600_000);
    let latest = first;
    while (latest === first) {
      await timers.pass(10_000);
      latest = await serialOf(server, root);
    }

    assertNotEquals(latest, first);
    assertEquals(await store.accountKey(), accountKey);
    certificates.close();
    const left = Array.from(Deno.readDirSync(temp.join("acme")), ({ name }) => name).sort();
    assertEquals(left, ["acme_account+key", "stowage.pem"]);
  },
});
