import { ALL_INSTRUMENTS } from "./all_instruments.ts";
import type { Instrument } from "./instrument.ts";

/** The page `docs/metrics.md`: every instrument, from the same tables that measure. */
export function metricsPage(): string {
  const own = ALL_INSTRUMENTS.filter(({ name }) => name.startsWith("stowage_"));
  const process = ALL_INSTRUMENTS.filter(({ name }) => name.startsWith("process_"));
  const shared = ALL_INSTRUMENTS.filter(({ name }) => name.startsWith("registry_"));
  const blocks = [
    INTRODUCTION,
    "## Distribution's",
    tableOf(shared),
    "## Stowage's own",
    tableOf(own),
    "## The process",
    tableOf(process),
  ];
  return `${blocks.join("\n\n")}\n`;
}

const INTRODUCTION = `<!-- deno-fmt-ignore-file -->
<!-- Made from src/metrics/instruments by scripts/gen_docs.ts; change it there. -->

# Metrics

\`http.debug.addr\` with \`http.debug.prometheus.enabled: true\` serves these to Prometheus. They are the sums over all threads of the program; counts of a thread that failed are kept. A series appears with its first value. What to watch, and what the alerts mean, is in [operations.md](operations.md).`;

function tableOf(instruments: readonly Instrument[]): string {
  const rows = instruments.map(({ name, type, labels, help }) => {
    const labelText = labels.map((label) => `\`${label}\``).join(" ");
    return `| \`${name}\` | ${type} | ${labelText} | ${help.replace(/\.$/, "")} |`;
  });
  return ["| metric | type | labels | what it tells |", "|---|---|---|---|", ...rows].join("\n");
}
