/** A file; a reader of it keeps the chunks that there were when it came. */
export interface MemoryFile {
  readonly kind: "file";
  /** The content in order; chunks are added, never changed. */
  readonly chunks: Uint8Array<ArrayBuffer>[];
  sizeBytes: number;
  modifiedAtMs: number;
}

/** A folder and what is in it, by name. */
export interface MemoryFolder {
  readonly kind: "folder";
  readonly children: Map<string, MemoryNode>;
}

/** What a path may lead to. */
export type MemoryNode = MemoryFile | MemoryFolder;

/** A tree of files and folders, addressed by absolute paths. */
export class MemoryTree {
  readonly #root: MemoryFolder = { kind: "folder", children: new Map() };

  /** What is at `path`. */
  find(path: string): MemoryNode | undefined {
    let node: MemoryNode | undefined = this.#root;
    for (const name of namesOf(path)) {
      if (node?.kind !== "folder") return undefined;
      node = node.children.get(name);
    }
    return node;
  }

  /**
   * Puts a file at `path`, in place of the one that is there; its folders are made.
   * @throws {Error} a folder is there, or a file where a folder should be
   */
  place(path: string, file: MemoryFile): void {
    const names = namesOf(path);
    const last = names.pop() ?? "";
    let folder = this.#root;
    for (const name of names) folder = enter(folder, name);
    if (folder.children.get(last)?.kind === "folder") throw new Error("Is a directory");
    folder.children.set(last, file);
  }

  /** Takes away what is at `path` and gives it. */
  remove(path: string): MemoryNode | undefined {
    const cut = path.lastIndexOf("/");
    const folder = this.find(path.slice(0, cut) || "/");
    if (folder?.kind !== "folder") return undefined;
    const name = path.slice(cut + 1);
    const node = folder.children.get(name);
    folder.children.delete(name);
    return node;
  }
}

/** The folder called `name` in `parent`; it is made where it is missing. */
function enter(parent: MemoryFolder, name: string): MemoryFolder {
  const child = parent.children.get(name);
  if (child?.kind === "file") throw new Error("Not a directory");
  if (child !== undefined) return child;
  const made: MemoryFolder = { kind: "folder", children: new Map() };
  parent.children.set(name, made);
  return made;
}

function namesOf(path: string): string[] {
  return path === "/" ? [] : path.slice(1).split("/");
}
