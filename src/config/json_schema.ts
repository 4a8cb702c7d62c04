import * as z from "zod";
import { shortDuration } from "./_words.ts";
import { SHAPES } from "./fields.ts";
import { rootSection } from "./root.ts";
import { isObsolete, type LeafShape, type SectionShape, type Shape } from "./shape.ts";

/** What an editor completes and checks as a duration. Source: Go's `time.ParseDuration`. */
const DURATION_PATTERN = "^[+-]?(0|((\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+)$";

/** A JSON Schema, or a part of one. */
type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The JSON Schema of the configuration file, for editors.
 *
 * It is stricter than the loader where that helps a writer (an unknown key is an error, numbers are
 * not text) and as free where old files are (`yes` is a boolean).
 */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(rootSection.schema, {
    io: "input",
    reused: "inline",
    override: ({ zodSchema, jsonSchema }) => {
      const shape = SHAPES.get(zodSchema);
      if (shape !== undefined) describe(jsonSchema, shape);
    },
  });
  return { ...schema, title: "Configuration of a Stowage registry", type: "object" };
}

function describe(schema: JsonSchema, shape: Shape): void {
  if (shape.type === "section") describeSection(schema, shape);
  if (shape.type === "leaf") describeLeaf(schema, shape);
  if (shape.type === "list" || shape.type === "map") delete schema.default;
  schema.description = shape.about;
  if (isObsolete(shape)) schema.deprecated = true;
  if (shape.secret === true) schema.writeOnly = true;
}

function describeSection(schema: JsonSchema, shape: SectionShape): void {
  delete schema.default;
  const required = Object.entries(shape.fields)
    .filter(([, field]) => field.type === "leaf" && field.required === true)
    .map(([key]) => key);
  schema.type = ["object", "null"] as unknown as "object";
  if (required.length > 0) schema.required = required;
  if (shape.nameAlone === undefined) return;
  const { type, properties, additionalProperties, ...rest } = schema;
  for (const key of Object.keys(schema)) delete schema[key];
  const section = { ...rest, type, properties, additionalProperties } as JsonSchema;
  schema.anyOf = [{ type: "string", enum: [...shape.nameAlone] }, section];
}

function describeLeaf(schema: JsonSchema, shape: LeafShape): void {
  delete schema.default;
  switch (shape.kind) {
    case "text":
      describeText(schema, shape);
      break;
    case "boolean":
      delete schema.type;
      schema.enum = [true, false, "yes", "no", "on", "off"];
      break;
    case "integer":
      if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
      if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
      break;
    case "duration":
      delete schema.minimum;
      delete schema.maximum;
      schema.type = (shape.textOnly ? "string" : ["string", "integer"]) as "string";
      schema.pattern = DURATION_PATTERN;
      break;
    case "anything":
      break;
  }
  if (shape.default === undefined) return;
  schema.default = shape.kind === "duration" ? shortDuration(Number(shape.default)) : shape.default;
}

/** YAML reads some texts as numbers, `0.1` for one; the loader takes them as they are written. */
function describeText(schema: JsonSchema, { values }: LeafShape): void {
  if (values === undefined) {
    schema.type = ["string", "number"] as unknown as "string";
    return;
  }
  delete schema.type;
  delete schema.const;
  schema.enum = values.flatMap((value) =>
    String(Number(value)) === value ? [value, Number(value)] : [value]
  );
}
