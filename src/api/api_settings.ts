/** How clients may name copies of other registries. */
export interface CopyNames {
  /** What clients call a registry, to the first parts of the names of its copies. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** The one name of a repository that clients know by several. */
  readonly canonical: (repository: string) => string;
}

/** What of the configuration the handlers go by. */
export interface ApiSettings {
  /** Path that all routes are under, with a slash at both ends. @default "/" */
  readonly prefix: string;
  /** The URL that clients know the registry by, if configured. */
  readonly host?: string;
  readonly relativeUrls: boolean;
  readonly readOnly: boolean;
  /** Whether clients may be sent to the storage itself. */
  readonly redirect: boolean;
  /** Largest page of the catalog. */
  readonly maxCatalogEntries: number;
  /** Largest page of tags that can be asked for. */
  readonly maxTags: number;
  /** Key of the upload state in URLs; without one no state is given out, and none accepted. */
  readonly uploadSecret?: string;
  /** How clients may name copies of other registries. @default there are none */
  readonly copies?: CopyNames;
  /** Headers of every routed answer, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}
