import type { TempFolder } from "./temp.ts";

/** Arguments that let podman run anywhere and keep all that it keeps in the folder of a test. */
export function podmanArgs(temp: TempFolder): readonly string[] {
  return [
    "--root",
    temp.join("storage"),
    "--runroot",
    temp.join("run"),
    "--storage-driver=vfs",
    "--cgroup-manager=cgroupfs",
    "--events-backend=none",
  ];
}
