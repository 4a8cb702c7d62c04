import { assertEquals } from "@std/assert";
import type { RegistryClient } from "../../src/client/registry_client.ts";
import { type Upstream, UpstreamRoutes } from "../../src/proxy/upstream.ts";

function upstream(host: string, prefix: string, library = ""): Upstream {
  return { host, prefix, library, client: {} as RegistryClient };
}

Deno.test("UpstreamRoutes finds the upstream by the longest prefix, at the end of a part", () => {
  const routes = new UpstreamRoutes([
    upstream("hub", "docker.io", "library"),
    upstream("ghcr", "ghcr.io"),
    upstream("team", "ghcr.io/team"),
  ]);
  const cases = [
    ["docker.io/alpine", "hub", "library/alpine", "docker.io/library/alpine"],
    ["docker.io/library/alpine", "hub", "library/alpine", "docker.io/library/alpine"],
    ["docker.io/grafana/loki", "hub", "grafana/loki", "docker.io/grafana/loki"],
    ["ghcr.io/a", "ghcr", "a", "ghcr.io/a"],
    ["ghcr.io/team/a", "team", "a", "ghcr.io/team/a"],
    ["ghcr.io/teams/a", "ghcr", "teams/a", "ghcr.io/teams/a"],
  ] as const;
  for (const [name, host, remote, local] of cases) {
    const place = routes.find(name);
    assertEquals([place?.upstream.host, place?.remote, place?.local], [host, remote, local]);
  }
  for (const name of ["app", "docker.io", "docker.iox/a", "team/docker.io/a"]) {
    assertEquals(routes.find(name), undefined, name);
  }
});

Deno.test("UpstreamRoutes gives all others to the upstream without a prefix", () => {
  const routes = new UpstreamRoutes([upstream("all", ""), upstream("ghcr", "ghcr.io")]);
  assertEquals(routes.find("app")?.upstream.host, "all");
  assertEquals(routes.find("app")?.local, "app");
  assertEquals(routes.find("ghcr.io/app")?.upstream.host, "ghcr");
  assertEquals(routes.isEverything, true);
  assertEquals(routes.upstreams.map(({ host }) => host), ["ghcr", "all"]);
});
