import { ConfigError } from "../config/error.ts";
import { renderProblems } from "../config/render.ts";
import { DriverError } from "../drivers/driver.ts";
import { LOG_FIELDS, type LogFields } from "../log/fields.ts";
import { ServerError } from "../server/error.ts";
import { PROGRAM } from "./program.ts";

/** Tells whether an error says all that there is to say, so that its stack would only confuse. */
export function isExpected(error: unknown): error is ConfigError | DriverError | ServerError {
  return [ConfigError, DriverError, ServerError].some((family) => error instanceof family);
}

/**
 * Writes an error for a person: a wrong configuration with all its problems, anything else on one
 * line, and where an unexpected one comes from only with `debug`.
 */
export function explainError(error: unknown, { debug }: { readonly debug: boolean }): string {
  if (error instanceof ConfigError) return explainConfigError(error);
  if (isExpected(error)) return `${PROGRAM.name}: ${error.message}`;
  const message = error instanceof Error ? error.message : String(error);
  const head = `${PROGRAM.name}: unexpected error: ${message.replaceAll(/\s*\n\s*/g, " ")}`;
  if (!debug) return `${head} (run it with --debug to see where it comes from)`;
  return error instanceof Error && error.stack !== undefined ? `${head}\n${error.stack}` : head;
}

/** The fields of a log line about an error; an unexpected one with where it comes from. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { [LOG_FIELDS.errorMessage]: String(error) };
  return {
    [LOG_FIELDS.errorMessage]: error.message,
    [LOG_FIELDS.errorStack]: isExpected(error) ? undefined : error.stack,
  };
}

function explainConfigError({ problems, warnings }: ConfigError): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const parts = [`configuration error: ${count}`, renderProblems(problems)];
  if (warnings.length > 0) parts.push("warnings:", renderProblems(warnings));
  return parts.join("\n\n").trimEnd();
}
