import { integer, optionalSection, type Output, text } from "../fields.ts";

/** Least number of threads that Distribution works with; fewer are raised to it. */
const MIN_THREADS = 25;

/** The fields of `storage.filesystem`. */
export const filesystemSection = optionalSection({
  rootdirectory: text({ about: "Folder of the data.", default: "/var/lib/registry" }),
  maxthreads: integer({
    about: `File operations at a time; fewer than ${MIN_THREADS} are raised to it.`,
    unit: "operations",
    default: 100,
    settle: (value) => Math.max(value, MIN_THREADS),
  }),
}, { about: "Keeps data in a folder." });

/** The fields of `storage.inmemory`, which has none. */
export const inmemorySection = optionalSection({}, {
  about: "Keeps data in memory, to be lost at the end of the process.",
});

/** `storage.filesystem`. */
export interface FilesystemConfig {
  /** Name of the driver. */
  readonly name: "filesystem";
  /** Folder of the data. */
  readonly rootDirectory: string;
  /** File operations at a time, 25 or more. */
  readonly maxThreads: number;
}

/** `storage.inmemory`. */
export interface InMemoryConfig {
  /** Name of the driver. */
  readonly name: "inmemory";
}

/** Makes the section's final form. */
export function resolveFilesystem(
  raw: NonNullable<Output<typeof filesystemSection>>,
): FilesystemConfig {
  return { name: "filesystem", rootDirectory: raw.rootdirectory, maxThreads: raw.maxthreads };
}
