import { createHmac } from "node:crypto";
import { assertEquals } from "@std/assert";
import { makeEnvelope } from "../../src/notifications/envelope.ts";
import { endpointOf, eventOf } from "./_endpoint.ts";

const EVENT = eventOf("1");

Deno.test("makeEnvelope writes Distribution's envelope, indented by three", () => {
  const { headers, body } = makeEnvelope([EVENT], endpointOf({ headers: { "x-a": ["1", "2"] } }));

  assertEquals(body, JSON.stringify({ events: [JSON.parse(EVENT)] }, undefined, 3));
  assertEquals(headers.get("content-type"), "application/vnd.docker.distribution.events.v2+json");
  assertEquals(headers.get("x-a"), "1, 2");
  assertEquals(headers.get("x-stowage-signature-256"), null);
});

Deno.test("makeEnvelope names the media type of Distribution 2 where that is configured", () => {
  const mediaType = "application/vnd.docker.distribution.events.v1+json";
  const { headers } = makeEnvelope([EVENT], endpointOf({ mediaType }));

  assertEquals(headers.get("content-type"), mediaType);
});

for (const format of ["distribution", "cloudevents-structured", "cloudevents-binary"] as const) {
  Deno.test(`makeEnvelope signs the body, and adds headers: ${format}`, () => {
    const endpoint = endpointOf({
      format,
      secret: "key",
      headers: { authorization: ["Bearer x"] },
    });
    const { headers, body } = makeEnvelope([EVENT], endpoint);

    const hex = createHmac("sha256", "key").update(body).digest("hex");
    assertEquals(headers.get("x-stowage-signature-256"), `sha256=${hex}`);
    assertEquals(headers.get("authorization"), "Bearer x");
  });
}

Deno.test("makeEnvelope writes a structured CloudEvent", () => {
  const { headers, body } = makeEnvelope([EVENT], endpointOf({ format: "cloudevents-structured" }));

  assertEquals(headers.get("content-type"), "application/cloudevents+json; charset=utf-8");
  assertEquals(JSON.parse(body), {
    specversion: "1.0",
    id: "1",
    source: "//host:5000",
    type: "io.stowage.registry.push",
    subject: "r:t",
    time: "2026-01-01T00:00:00.000Z",
    datacontenttype: "application/json",
    data: JSON.parse(EVENT),
  });
});

Deno.test("makeEnvelope writes a batch of CloudEvents where more than one may be sent", () => {
  const endpoint = endpointOf({
    format: "cloudevents-structured",
    batch: { events: 5, delayMs: 0 },
  });
  const { headers, body } = makeEnvelope([EVENT, eventOf("2")], endpoint);

  assertEquals(headers.get("content-type"), "application/cloudevents-batch+json; charset=utf-8");
  assertEquals((JSON.parse(body) as { id: string }[]).map(({ id }) => id), ["1", "2"]);
});

Deno.test("makeEnvelope writes a binary CloudEvent: attributes in headers", () => {
  const { headers, body } = makeEnvelope([EVENT], endpointOf({ format: "cloudevents-binary" }));

  const attributes = [...headers].filter(([name]) => name.startsWith("ce-"));
  assertEquals(Object.fromEntries(attributes), {
    "ce-id": "1",
    "ce-source": "//host:5000",
    "ce-specversion": "1.0",
    "ce-subject": "r:t",
    "ce-time": "2026-01-01T00:00:00.000Z",
    "ce-type": "io.stowage.registry.push",
  });
  assertEquals(headers.get("content-type"), "application/json");
  assertEquals(JSON.parse(body), JSON.parse(EVENT));
});

Deno.test("makeEnvelope names in a CloudEvent what it is about: tag, digest, or repository", () => {
  const endpoint = endpointOf({ format: "cloudevents-structured" });
  const subjectOf = (event: string) =>
    (JSON.parse(makeEnvelope([event], endpoint).body) as { subject: string }).subject;
  const withoutTag = EVENT.replace(',"tag":"t"', "");

  assertEquals(subjectOf(EVENT), "r:t");
  assertEquals(subjectOf(withoutTag), "r@sha256:00");
  assertEquals(subjectOf(withoutTag.replace("sha256:00", "")), "r");
});

Deno.test("makeEnvelope encodes what a header of a CloudEvent cannot hold", () => {
  const event = EVENT.replace("host:5000", "h ö%:5000");
  const { headers } = makeEnvelope([event], endpointOf({ format: "cloudevents-binary" }));

  assertEquals(headers.get("ce-source"), "//h%20%C3%B6%25:5000");
});
