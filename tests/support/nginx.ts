/**
 * A load balancer in a process of its own: Debian's nginx, round robin.
 *
 * @module
 */
import { freePort, ServerProcess } from "./process.ts";
import { TempFolder } from "./temp.ts";
import { programPath } from "./tools.ts";

/** A load balancer that runs until the block that holds it is left. */
export interface LoadBalancer extends AsyncDisposable {
  /** Host and port, as it stands in the name of an image. */
  readonly host: string;
  /** Where it answers, without a slash at the end. */
  readonly url: string;
}

/**
 * Starts a load balancer that gives each request to the next of these servers, whoever sent it. It
 * answers 502 for one that is away.
 *
 * @param servers host and port of each
 */
export async function startLoadBalancer(servers: readonly string[]): Promise<LoadBalancer> {
  const temp = await TempFolder.make();
  const host = `127.0.0.1:${freePort()}`;
  const path = await temp.write("nginx.conf", configOf(host, { servers, folder: temp.path }));
  const process = await ServerProcess.start({
    command: programPath("nginx"),
    args: ["-c", path, "-p", temp.path, "-e", "stderr"],
    readyUrl: `http://${host}/v2/`,
  });
  return {
    host,
    url: `http://${host}`,
    async [Symbol.asyncDispose]() {
      await process.stop();
      await temp[Symbol.asyncDispose]();
    },
  };
}

function configOf(
  host: string,
  { servers, folder }: { readonly servers: readonly string[]; readonly folder: string },
): string {
  const user = Deno.uid() === 0 ? "user root;" : "";
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `${user}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n  ")}
  upstream registry {
    ${servers.map((server) => `server ${server} max_fails=0;`).join("\n    ")}
    keepalive 64;
  }
  server {
    listen ${host};
    client_max_body_size 0;
    location / {
      proxy_pass http://registry;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_request_buffering off;
      proxy_buffering off;
      # It takes PUT for a request that may be repeated; an upload would then have its bytes twice.
      proxy_next_upstream off;
      proxy_read_timeout 300s;
    }
  }
}
`;
}
