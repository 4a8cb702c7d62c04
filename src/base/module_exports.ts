/**
 * What a module that was loaded by `import()` exports. A bundle has a library of the older kind
 * (CommonJS) as its default export alone, where the runtime shows its parts by name as well.
 *
 * @param loaded a library of the older kind
 */
export function moduleExports<Exports extends object>(loaded: Exports): Exports {
  return "default" in loaded && isObject(loaded.default) ? loaded.default as Exports : loaded;
}

function isObject(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
