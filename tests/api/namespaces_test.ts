import { assertEquals } from "@std/assert";
import { findCopy } from "../../src/api/namespaces.ts";
import { matchRoute, type RouteMatch } from "../../src/api/route_match.ts";
import { ROUTES } from "../../src/api/routes.ts";
import { startCache } from "../proxy/_cache.ts";

const NAMES = {
  namespaces: new Map([["docker.io", "hub"], ["registry.k8s.io:443", "k8s"]]),
  canonical: (repository: string) =>
    repository === "hub/alpine" ? "hub/library/alpine" : repository,
};

Deno.test("findCopy finds the copy of the registry that the parameter names", () => {
  const cases = [
    ["/library/alpine/manifests/latest", "?ns=docker.io", "hub/library/alpine"],
    ["/pause/manifests/3", "?x=y&ns=registry.k8s.io%3A443", "k8s/pause"],
    ["/alpine/manifests/latest", "?ns=docker.io", "hub/library/alpine"],
    ["/hub/alpine/manifests/latest", "", "hub/library/alpine"],
    ["/library/alpine/manifests/latest", "", "library/alpine"],
    ["/library/alpine/manifests/latest", "?ns=quay.io", "library/alpine"],
    ["/library/alpine/manifests/latest", "?ns=", "library/alpine"],
    ["/_catalog", "?ns=docker.io", ""],
  ] as const;
  for (const [path, search, expected] of cases) {
    const match = matchRoute(ROUTES, path) as RouteMatch;
    const found = findCopy(match, { search, names: NAMES });
    assertEquals(found.match.repository, expected, path + search);
  }
});

Deno.test("createApi answers containerd's form of a request, and says which registry it was", async () => {
  const cache = await startCache({
    prefix: "hub",
    library: "library",
    api: { copies: NAMES },
  });
  const image = await cache.upstream.registry.pushImage("library/alpine", { reference: "v1" });
  const requests = [
    ["HEAD", "manifests/v1"],
    ["GET", `manifests/${image.digest}`],
    ["GET", `blobs/${image.config}`],
    ["GET", `blobs/${image.layer}`],
  ] as const;
  for (const [method, path] of requests) {
    const response = await cache.send(method, `/v2/library/alpine/${path}?ns=docker.io`);
    assertEquals(response.status, 200, path);
    assertEquals(response.headers.get("oci-namespace"), "docker.io");
    await response.body?.cancel();
  }
  const other = await cache.send("GET", "/v2/library/alpine/manifests/v1");
  assertEquals(other.status, 404);
  assertEquals(other.headers.get("oci-namespace"), null);
  await other.body?.cancel();
});
