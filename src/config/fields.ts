/**
 * Builders of the configuration's fields. Each makes two things from the same words: a zod schema,
 * which checks, and a {@linkcode Shape}, which tells everything else about the key.
 *
 * A schema sees values that `coerce.ts` has read: durations are milliseconds already, `yes` is
 * `true`, and an empty value is absent, as Go's zero values are.
 *
 * @module
 */

import * as z from "zod";
import { formatDuration } from "../base/duration.ts";
import type { LeafShape, ListShape, MapShape, Notes, SectionShape, Shape } from "./shape.ts";

/** The shape of every schema made here, for the JSON Schema. */
export const SHAPES: z.core.$ZodRegistry<Shape> = z.registry<Shape>();

/** A place of the configuration: how it is checked, and all that is known of it. */
export interface Field<Out> {
  readonly schema: z.ZodType<Out>;
  readonly shape: Shape;
}

/** A {@linkcode Field} that is a fixed set of keys. */
export interface SectionField<Out> extends Field<Out> {
  readonly shape: SectionShape;
}

/** What a field's value is after checking. */
export type Output<F> = F extends Field<infer Out> ? Out : never;

/** What a section's value is after checking. */
export type SectionOutput<T extends Record<string, Field<unknown>>> = {
  readonly [K in keyof T]: Output<T[K]>;
};

/** A rule that a text must keep. */
export interface TextRule {
  /** What is expected, fit for a sentence: `a URL with http or https`. */
  readonly expected: string;
  readonly test: (value: string) => boolean;
}

/** Options of {@linkcode text}. */
export interface TextOptions extends Notes {
  readonly default?: string;
  /** The default in words, where it is no constant. */
  readonly defaultText?: string;
  /** Whether the key must be there when its section is. */
  readonly required?: boolean;
  readonly rule?: TextRule;
}

/** Text, taken as it is written whatever YAML thinks of it, so that `0123` stays a password. */
export function text(options: TextOptions & { default: string }): Field<string>;
export function text(options: TextOptions & { required: true }): Field<string>;
export function text(options: TextOptions): Field<string | undefined>;
export function text(options: TextOptions): Field<string | undefined> {
  const { rule, ...notes } = options;
  const base = rule === undefined ? z.string() : z.string().refine(rule.test);
  const fallback = options.default ?? (options.required === true ? "" : undefined);
  return leaf(fallback === undefined ? base.optional() : base.default(fallback), {
    ...notes,
    kind: "text",
    expected: rule?.expected ?? "text",
  });
}

/** Options of {@linkcode choice}. */
export interface ChoiceOptions<V extends string> extends Notes {
  readonly default?: V;
  readonly defaultText?: string;
  readonly ignoreCase?: boolean;
  readonly synonyms?: Readonly<Record<string, V>>;
  readonly replaced?: Readonly<Record<string, V>>;
  readonly lenient?: boolean;
  /** Whether the key must be there when its section is. */
  readonly required?: boolean;
}

/** One of a few texts. */
export function choice<const V extends string>(
  values: readonly V[],
  options: ChoiceOptions<V> & { default: NoInfer<V> },
): Field<V>;
export function choice<const V extends string>(
  values: readonly V[],
  options: ChoiceOptions<NoInfer<V>>,
): Field<V | undefined>;
export function choice<const V extends string>(
  values: readonly V[],
  options: ChoiceOptions<NoInfer<V>>,
): Field<V | undefined> {
  const base = z.literal(values);
  const schema = options.default === undefined ? base.optional() : base.prefault(options.default);
  return leaf(schema as z.ZodType<V | undefined>, {
    ...options,
    kind: "text",
    expected: joinChoices(values.map((value) => `"${value}"`)),
    values,
  });
}

/** Options of {@linkcode flag}. */
export interface FlagOptions extends Notes {
  readonly default?: boolean;
  readonly defaultText?: string;
  readonly lenient?: boolean;
}

/** A switch; YAML 1.1's `yes`, `no`, `on` and `off` are switches too. */
export function flag(options: FlagOptions & { default: boolean }): Field<boolean>;
export function flag(options: FlagOptions): Field<boolean | undefined>;
export function flag(options: FlagOptions): Field<boolean | undefined> {
  const base = z.boolean();
  const schema = options.default === undefined ? base.optional() : base.default(options.default);
  return leaf(schema, { ...options, kind: "boolean", expected: "true or false" });
}

/** Options of {@linkcode integer} and {@linkcode duration}. */
export interface NumberOptions extends Notes {
  /** Milliseconds for a duration. */
  readonly default?: number;
  readonly defaultText?: string;
  /** Least value; milliseconds for a duration. */
  readonly min?: number;
  /** Greatest value; milliseconds for a duration. */
  readonly max?: number;
  /** What is made of a value that is allowed but not meant, such as a negative page size. */
  readonly settle?: (value: number) => number;
  /** What must be there, where the range does not say it. */
  readonly expected?: string;
}

/** A whole number; text that is one counts too. */
export function integer(
  options: NumberOptions & { default: number; unit?: string },
): Field<number>;
export function integer(options: NumberOptions & { unit?: string }): Field<number | undefined>;
export function integer(options: NumberOptions & { unit?: string }): Field<number | undefined> {
  const { settle: _, min, max, expected, ...notes } = options;
  return leaf(numberSchema(z.int(), options), {
    ...notes,
    kind: "integer",
    expected: expected ?? `a whole number${rangeWords(min, max, String)}`,
  });
}

/** Options of {@linkcode duration}. */
export interface DurationOptions extends NumberOptions {
  /** Whether a bare number, which would be nanoseconds, is refused. */
  readonly textOnly?: boolean;
}

/** A duration as Go writes them; a bare number is nanoseconds. The value is in milliseconds. */
export function duration(options: DurationOptions & { default: number }): Field<number>;
export function duration(options: DurationOptions): Field<number | undefined>;
export function duration(options: DurationOptions): Field<number | undefined> {
  const { settle: _, min, max, expected, ...notes } = options;
  const words = rangeWords(min === 0 ? undefined : min, max, formatDuration);
  return leaf(numberSchema(z.number(), options), {
    ...notes,
    kind: "duration",
    expected: expected ?? `a duration such as "30s" or "1h30m"${words}`,
  });
}

/** Any value at all. */
export function anything(options: Notes): Field<unknown> {
  return leaf(z.unknown().optional(), { ...options, kind: "anything", expected: "any value" });
}

/** A list; absent and empty are the same. An empty item is a problem. */
export function list<Out>(
  item: Field<Out>,
  options: Notes,
): Field<readonly Exclude<Out, undefined>[]> {
  const shape: ListShape = { ...options, type: "list", item: item.shape };
  const schema = z.array(required(item)).default([]);
  return { schema: schema.register(SHAPES, shape), shape };
}

/** Keys of the user's choice; absent and empty are the same. */
export function mapOf<Out>(
  value: Field<Out>,
  options: Notes,
): Field<Readonly<Record<string, Exclude<Out, undefined>>>> {
  const shape: MapShape = { ...options, type: "map", value: value.shape };
  const schema = z.record(z.string(), required(value)).default({});
  return { schema: schema.register(SHAPES, shape), shape };
}

function required<Out>({ schema, shape }: Field<Out>): z.ZodType<Exclude<Out, undefined>> {
  const strict = schema.refine((value) => value !== undefined);
  return strict.register(SHAPES, shape) as unknown as z.ZodType<Exclude<Out, undefined>>;
}

/** What a section may be told besides its keys. */
export interface SectionOptions
  extends Notes, Pick<SectionShape, "nameAlone" | "sameAs" | "emptyName" | "inlineName"> {}

/** A fixed set of keys that is always there: without it in the file, its keys have defaults. */
export function section<T extends Record<string, Field<unknown>>>(
  fields: T,
  options: SectionOptions,
): SectionField<SectionOutput<T>> {
  const shape = sectionShape(fields, options);
  const schema = sectionSchema(fields).prefault({} as never);
  return { schema: schema.register(SHAPES, shape), shape };
}

/** A fixed set of keys that may be absent as a whole. */
export function optionalSection<T extends Record<string, Field<unknown>>>(
  fields: T,
  options: SectionOptions,
): SectionField<SectionOutput<T> | undefined> {
  const shape = sectionShape(fields, options);
  const schema = sectionSchema(fields).optional();
  return { schema: schema.register(SHAPES, shape), shape };
}

function sectionShape(
  fields: Record<string, Field<unknown>>,
  options: SectionOptions,
): SectionShape {
  const shapes = Object.entries(fields).map(([key, field]) => [key, field.shape] as const);
  return { ...options, type: "section", fields: Object.fromEntries(shapes) };
}

function sectionSchema<T extends Record<string, Field<unknown>>>(
  fields: T,
): z.ZodType<SectionOutput<T>> {
  const schemas = Object.entries(fields).map(([key, field]) => [key, field.schema] as const);
  return z.strictObject(Object.fromEntries(schemas)) as unknown as z.ZodType<SectionOutput<T>>;
}

function leaf<Out>(
  schema: z.ZodType<Out>,
  notes: Omit<LeafShape, "type"> & { readonly rule?: TextRule },
): Field<Out> {
  const shape: LeafShape = { ...notes, type: "leaf" };
  return { schema: schema.register(SHAPES, shape), shape };
}

function numberSchema(
  base: z.ZodInt | z.ZodNumber,
  options: NumberOptions,
): z.ZodType<number | undefined> {
  const { min, max, settle } = options;
  let schema: z.ZodInt | z.ZodNumber = base;
  if (min !== undefined) schema = schema.min(min);
  if (max !== undefined) schema = schema.max(max);
  if (settle !== undefined) schema = schema.overwrite(settle);
  return options.default === undefined ? schema.optional() : schema.default(options.default);
}

function rangeWords(
  min: number | undefined,
  max: number | undefined,
  write: (value: number) => string,
): string {
  if (min !== undefined && max !== undefined) return ` from ${write(min)} to ${write(max)}`;
  if (min !== undefined) return ` of ${write(min)} or more`;
  return max === undefined ? "" : ` of ${write(max)} or less`;
}

/** Writes `a`, `a or b`, `a, b or c`. */
function joinChoices(choices: readonly string[]): string {
  const last = choices.at(-1) ?? "";
  return choices.length < 2 ? last : `${choices.slice(0, -1).join(", ")} or ${last}`;
}
