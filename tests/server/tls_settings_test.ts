import { assertEquals } from "@std/assert";
import { needsNode } from "../../src/server/tls_settings.ts";

const FILES = { certificate: "/tls.crt", key: "/tls.key" };

Deno.test("needsNode tells what Deno.serve cannot do", () => {
  assertEquals(needsNode({ files: FILES }), false);
  assertEquals(needsNode({ files: FILES, clientCas: [], minimumTls: "tls1.2" }), false);
  assertEquals(needsNode({ files: FILES, clientCas: ["/ca.crt"] }), true);
  assertEquals(needsNode({ files: FILES, minimumTls: "tls1.3" }), true);
  assertEquals(needsNode({ files: FILES, http2: false }), true);
});
