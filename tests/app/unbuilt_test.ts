import { refuseUnbuilt } from "../../src/app/unbuilt.ts";
import { configOf } from "./_config.ts";

Deno.test("refuseUnbuilt lets pass what is there, switched off or empty", () => {
  refuseUnbuilt(configOf(`
storage: { filesystem: { rootdirectory: /tmp/x }, cache: { blobdescriptor: inmemory } }
auth: none
health: { storagedriver: { enabled: true } }
proxy: { remoteurl: "https://registry.example" }
notifications: { endpoints: [{ name: a, url: "http://127.0.0.1/" }] }
`));
});
