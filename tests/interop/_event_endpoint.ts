import { request } from "../support/registry_client.ts";

/** An event as far as the tests read it. */
export interface ReceivedEvent {
  readonly id: string;
  readonly action: string;
  readonly target: { readonly repository: string; readonly tag?: string; readonly digest: string };
}

/** An endpoint that keeps what it takes. */
export interface EventEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly received: ReceivedEvent[];
  /** The status of its answers; nothing is kept with one of 400 and more. */
  status: number;
}

/** Starts an endpoint in this process. */
export function startEndpoint(): EventEndpoint {
  const received: ReceivedEvent[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (posted) => {
      const { events } = await posted.json() as { events: ReceivedEvent[] };
      if (endpoint.status < 400) received.push(...events);
      return new Response(null, { status: endpoint.status });
    },
  );
  const endpoint: EventEndpoint = {
    url: `http://127.0.0.1:${server.addr.port}/`,
    received,
    status: 200,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return endpoint;
}

const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

/** Pushes an empty index as a tag; gives the status of the answer. */
export async function pushTag(url: string, tag: string): Promise<Response> {
  return await request(`${url}/v2/a/manifests/${tag}`, {
    method: "PUT",
    headers: { "content-type": INDEX_TYPE },
    body: JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [] }),
    expect: [201, 503],
  });
}

/** The tags of events, each once, in the order in which they came first. */
export function tagsOf(received: readonly ReceivedEvent[]): string[] {
  const byId = new Map(received.map((event) => [event.id, event]));
  return [...byId.values()].map(({ target }) => target.tag ?? "");
}
