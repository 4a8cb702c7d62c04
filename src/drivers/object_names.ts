/** Names of objects for paths, below a root folder, where no name begins with a slash. */
export class ObjectNames {
  /** What every name begins with; it is empty or ends with a slash. */
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** @param rootDirectory as the configuration has it, with slashes around it or not */
  static below(rootDirectory: string): ObjectNames {
    const root = rootDirectory.replace(/^\/+|\/+$/g, "");
    return new ObjectNames(root === "" ? "" : `${root}/`);
  }

  /** The same with something more before each name below the root. */
  with(more: string): ObjectNames {
    return new ObjectNames(this.root + more);
  }

  /** The name of the object at `path`. */
  nameOf(path: string): string {
    return this.root + path.slice(1);
  }

  /** What the names of all objects in the folder at `path` begin with. */
  prefixOf(path: string): string {
    return path === "/" ? this.root : `${this.nameOf(path)}/`;
  }

  /** The path of the object with this name. */
  pathOf(name: string): string {
    return `/${name.slice(this.root.length)}`;
  }
}
