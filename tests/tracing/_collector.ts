/** A finished span. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What of OTLP's JSON is read here. */
interface TraceDocument {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<CollectedSpan, "attributes"> & {
        readonly attributes: readonly Attribute[];
      })[];
    }[];
  }[];
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A collector that takes OTLP over HTTP, as JSON; it ends with the block that holds it. */
export class TraceCollector implements AsyncDisposable {
  readonly spans: CollectedSpan[] = [];
  /** Requests that came, whatever they brought. */
  requests = 0;
  /** Names of the services that have sent something. */
  readonly services = new Set<string>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #wake = () => {};

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, async (request) => {
      this.requests++;
      const document: unknown = await request.json();
      if (new URL(request.url).pathname === "/v1/traces") this.#take(document as TraceDocument);
      return Response.json({});
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Waits until what has come is enough. */
  async until(isEnough: (spans: readonly CollectedSpan[]) => boolean): Promise<void> {
    while (!isEnough(this.spans)) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #take({ resourceSpans }: TraceDocument): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      this.services.add(String(toRecord(resource.attributes)["service.name"]));
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        this.spans.push({ ...span, attributes: toRecord(span.attributes) });
      }
    }
    this.#wake();
  }
}

/** Values are in an object each, by their type. */
function toRecord(attributes: readonly Attribute[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
