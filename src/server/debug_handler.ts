import type { Handler } from "./handler.ts";

/** What the debug listener tells, and where. */
export interface DebugSources {
  /** The health checks that fail, with their reasons; `undefined` while none does. */
  failures(): Readonly<Record<string, string>> | undefined;
  /** The document of `/debug/vars`. */
  vars(): Promise<unknown>;
  /** Metrics and their path. @default there are none */
  readonly metrics?: {
    readonly path: string;
    read(): Promise<{ readonly contentType: string; readonly text: string }>;
  };
}

const HEALTH_PATH = "/debug/health";
const VARS_PATH = "/debug/vars";
const JSON_TYPE = "application/json; charset=utf-8";

/**
 * Answers on the debug listener: health, variables, metrics.
 *
 * Source: reference of Distribution, "Debug listener".
 */
export function createDebugHandler(sources: DebugSources): Handler {
  return async function answer(request) {
    const { pathname } = new URL(request.url);
    const isRead = request.method === "GET" || request.method === "HEAD";
    switch (pathname) {
      case HEALTH_PATH:
        return request.method === "GET" ? healthResponse(sources.failures()) : notFound();
      case VARS_PATH:
        return isRead ? textResponse(await varsText(sources), { type: JSON_TYPE }) : notFound();
      case sources.metrics?.path: {
        if (!isRead || sources.metrics === undefined) return notFound();
        const { contentType, text } = await sources.metrics.read();
        return textResponse(text, { type: contentType });
      }
      default:
        return notFound();
    }
  };
}

function healthResponse(failures: Readonly<Record<string, string>> | undefined): Response {
  const status = failures === undefined ? 200 : 503;
  return textResponse(JSON.stringify(failures ?? {}), { type: "application/json", status });
}

/** One variable a line, as Go writes them. */
async function varsText(sources: DebugSources): Promise<string> {
  const document = await sources.vars() as Readonly<Record<string, unknown>>;
  const lines = Object.entries(document).map(([name, value]) =>
    `${JSON.stringify(name)}: ${JSON.stringify(value)}`
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}

function notFound(): Response {
  return textResponse("404 page not found\n", { type: "text/plain; charset=utf-8", status: 404 });
}

function textResponse(
  text: string,
  { type, status = 200 }: { readonly type: string; readonly status?: number },
): Response {
  return new Response(text, { status, headers: { "content-type": type } });
}
