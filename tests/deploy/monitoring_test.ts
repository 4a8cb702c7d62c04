/**
 * The dashboard and the alerts speak of metrics that there are: each expression is read by
 * Prometheus' own grammar and compared with the tables of instruments.
 *
 * @module
 */
import { parser } from "@prometheus-io/lezer-promql";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { parse } from "@std/yaml";
import { ALL_INSTRUMENTS } from "../../src/metrics/all_instruments.ts";
import type { Instrument } from "../../src/metrics/instrument.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");

/** Labels that Prometheus adds by itself. */
const SCRAPE_LABELS = ["job", "instance"];

/** Series that Prometheus makes by itself. */
const SCRAPE_SERIES = ["up"];

/** Something with an expression, and where it is. */
interface Query {
  readonly place: string;
  readonly expression: string;
}

/** The expressions of the dashboard, with Grafana's variables filled in. */
async function dashboardQueries(): Promise<Query[]> {
  const text = await Deno.readTextFile(join(ROOT, "deploy/monitoring/dashboard.json"));
  const { panels }: {
    panels: { title: string; targets?: { expr: string }[] }[];
  } = JSON.parse(text);
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      place: `panel "${title}"`,
      expression: expr.replaceAll("$__rate_interval", "5m").replaceAll("$job", "stowage"),
    }))
  );
}

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string };
}

async function readAlerts(): Promise<Alert[]> {
  const text = await Deno.readTextFile(join(ROOT, "deploy/monitoring/alerts.yml"));
  const { groups } = parse(text) as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** The instrument that a series belongs to. */
function instrumentOf(series: string): Instrument | undefined {
  const base = series.replace(/_(?:bucket|sum|count)$/, "");
  return ALL_INSTRUMENTS.find(({ name, type }) =>
    name === series || (type === "histogram" && name === base)
  );
}

/** The names of a kind in an expression; fails where it is no expression. */
function namesIn(expression: string, kinds: readonly string[]): string[] {
  const names: string[] = [];
  parser.parse(expression).iterate({
    enter({ name, from, to, type }) {
      assert(!type.isError, `no expression of Prometheus: ${expression}`);
      if (kinds.includes(name)) names.push(expression.slice(from, to));
    },
  });
  return names;
}

/** What an expression speaks of and does not exist. */
function unknownIn({ place, expression }: Query): string[] {
  const series = namesIn(expression, ["Identifier"]).filter((name) =>
    !SCRAPE_SERIES.includes(name)
  );
  const labels = new Set([
    ...SCRAPE_LABELS,
    "le",
    ...series.flatMap((name) => instrumentOf(name)?.labels ?? []),
  ]);
  const unknown = [
    ...series.filter((name) => instrumentOf(name) === undefined),
    ...namesIn(expression, ["LabelName"]).filter((label) => !labels.has(label)),
  ];
  return unknown.map((name) => `${place}: ${name}`);
}

Deno.test("dashboard.json asks for metrics and labels that there are", async () => {
  const queries = await dashboardQueries();

  assert(queries.length > 20);
  assertEquals(queries.flatMap(unknownIn), []);
});

/** A detail of another metric each, for who looks into a matter. */
const DETAILS = [
  "registry_http_request_size_bytes",
  "registry_notifications_status_total",
  "registry_proxy_misses_total",
];

Deno.test("dashboard.json shows what Distribution measures", async () => {
  const shown = (await dashboardQueries()).flatMap(({ expression }) =>
    namesIn(expression, ["Identifier"]).map((series) => instrumentOf(series)?.name)
  );
  const names = ALL_INSTRUMENTS.map(({ name }) => name);
  const hidden = names.filter((name) => name.startsWith("registry_") && !shown.includes(name));

  assertEquals(hidden, DETAILS);
});

Deno.test("dashboard.json has panels that do not overlap, each with a description", async () => {
  const text = await Deno.readTextFile(join(ROOT, "deploy/monitoring/dashboard.json"));
  const { panels }: {
    panels: {
      type: string;
      title: string;
      description?: string;
      gridPos: { x: number; y: number; w: number; h: number };
    }[];
  } = JSON.parse(text);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + i % w},${y + Math.floor(i / w)}`)
  );

  assertEquals(new Set(cells).size, cells.length);
  for (const { type, title, description } of panels) {
    assert(type === "row" || (description ?? "") !== "", title);
  }
});

Deno.test("alerts.yml asks for metrics and labels that there are", async () => {
  const alerts = await readAlerts();

  const queries = alerts.map(({ alert, expr }) => ({ place: alert, expression: expr }));
  assertEquals(queries.flatMap(unknownIn), []);
  for (const { alert, expr, annotations } of alerts) {
    // A label that the expression leaves out would be empty in the message.
    for (const [, label = ""] of annotations.summary.matchAll(/\$labels\.(\w+)/g)) {
      const kept = !/\bby \(/.test(expr) || namesIn(expr, ["LabelName"]).includes(label);
      assert(kept, `${alert}: ${label}`);
    }
  }
});

Deno.test("alerts.yml has only alerts that operations.md explains", async () => {
  const page = await Deno.readTextFile(join(ROOT, "docs/operations.md"));
  for (const { alert } of await readAlerts()) assertStringIncludes(page, `\`${alert}\``);
});
