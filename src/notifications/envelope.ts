import { createHmac } from "node:crypto";
import type { EndpointConfig } from "../config/config.ts";
import type { RegistryEvent } from "./event.ts";

/** A message to an endpoint. */
export interface EnvelopeMessage {
  readonly headers: Headers;
  readonly body: string;
}

/** What a CloudEvent's type begins with; the action follows. */
const CLOUD_EVENT_TYPE = "io.stowage.registry.";

/**
 * Makes the message that tells an endpoint of events.
 *
 * Source: reference of Distribution, "Request and envelope"; CloudEvents 1.0, JSON format and HTTP
 * binding.
 *
 * @param events JSON of one event or more; one where the format takes no more
 */
export function makeEnvelope(
  events: readonly string[],
  endpoint: EndpointConfig,
): EnvelopeMessage {
  const headers = new Headers();
  for (const [name, values] of Object.entries(endpoint.headers)) {
    for (const value of values) headers.append(name, value);
  }
  const body = writeBody(events.map(readEvent), { endpoint, headers });
  if (endpoint.secret !== undefined) {
    const signature = createHmac("sha256", endpoint.secret).update(body).digest("hex");
    headers.set("x-stowage-signature-256", `sha256=${signature}`);
  }
  return { headers, body };
}

function writeBody(
  events: readonly RegistryEvent[],
  { endpoint, headers }: { readonly endpoint: EndpointConfig; readonly headers: Headers },
): string {
  const [first] = events;
  if (endpoint.format === "distribution" || first === undefined) {
    headers.set("content-type", endpoint.mediaType);
    return JSON.stringify({ events }, undefined, 3);
  }
  if (endpoint.format === "cloudevents-binary") {
    for (const [name, value] of Object.entries(attributesOf(first))) {
      headers.set(`ce-${name}`, encodeAttribute(value));
    }
    headers.set("content-type", "application/json");
    return JSON.stringify(first);
  }
  const isBatch = endpoint.batch.events > 1;
  const kind = isBatch ? "cloudevents-batch" : "cloudevents";
  headers.set("content-type", `application/${kind}+json; charset=utf-8`);
  const structured = events.map((event) => ({
    ...attributesOf(event),
    datacontenttype: "application/json",
    data: event,
  }));
  return JSON.stringify(isBatch ? structured : structured[0]);
}

/** What this program wrote itself. */
function readEvent(json: string): RegistryEvent {
  return JSON.parse(json) as RegistryEvent;
}

/** Source: CloudEvents 1.0, "Context Attributes". */
function attributesOf({ id, action, timestamp, source, target }: RegistryEvent) {
  const { repository, tag, digest } = target;
  return {
    specversion: "1.0",
    id,
    source: `//${source.addr}`,
    type: `${CLOUD_EVENT_TYPE}${action}`,
    subject: tag === undefined
      ? digest === "" ? repository : `${repository}@${digest}`
      : `${repository}:${tag}`,
    time: timestamp,
  };
}

/** Source: CloudEvents 1.0, HTTP binding, "HTTP Header Values". */
function encodeAttribute(value: string): string {
  return value.replaceAll(
    /[^\x21-\x7e]|["%]/gu,
    (character) => character === '"' ? "%22" : encodeURIComponent(character),
  );
}
