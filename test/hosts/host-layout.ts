/** Top folders that a host shares with the root it starts from: the operating system, and nobody's home, checkout or data. */
export const SHARED_TOP_FOLDERS = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "opt", "var"];

/** What a host has none of, though it lies in a shared folder. */
export const OWN_FOLDERS = ["etc/ssh", "var/log", "var/tmp", "var/cache/python3jail", "var/lib/python3jail"];

/** Whether a path of a host shows, until it is written to, what lies there in the root that the host started from. */
export function isShared(path: string): boolean {
  const relative = path.replace(/^\/+/, "");
  const top = relative.split("/")[0] ?? "";
  const own = OWN_FOLDERS.some((folder) => relative === folder || relative.startsWith(`${folder}/`));
  return relative === "" || (SHARED_TOP_FOLDERS.includes(top) && !own);
}
