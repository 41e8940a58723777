import { quote } from "../../src/ssh/openssh.js";

/** What somebody who can write to a jail puts there, to make root work outside it. */
export interface Plant {
  readonly name: string;
  /** Whether it stands at each place, at the first one alone, or at each directory on the way to one. */
  readonly at: "place" | "first place" | "parents";
  /** Shell commands that put it at the path $1 of the jail $j, of which what stood there is kept outside. Functions: see scene.ts. */
  readonly commands: string;
  /** Whether removing it from the jail changes the change time and the link count of a file outside, as a hard link's name does. */
  readonly sharesInode?: boolean;
}

export const plants: readonly Plant[] = [
  { name: "symlink to a file", at: "place", commands: 'file_out "$1"; ln -s "$s/x" "$j/$1"; own_last "$1"' },
  { name: "symlink to a directory", at: "place", commands: 'directory_out "$1"; ln -s "$s/x" "$j/$1"; own_last "$1"' },
  { name: "symlinked parent", at: "parents", commands: 'directory_out "$1"; ln -s "$s/x" "$j/$1"; own_last "$1"' },
  {
    name: "symlinks below",
    at: "place",
    commands:
      'directory "$1"; directory_out "$1/d"; ln -s "$s/x" "$j/$1/d"; file_out "$1/f"; ln -s "$s/x" "$j/$1/f"; own_last "$1/d" "$1/f"',
  },
  {
    name: "hard link",
    at: "place",
    sharesInode: true,
    commands:
      'if [ -d "$j/$1" ]; then slot; cp -al "$j/$1" "$s/x"; file_out "$1/hard"; ln "$s/x" "$j/$1/hard"; else file_out "$1"; ln "$s/x" "$j/$1"; fi',
  },
  { name: "bind mount", at: "place", commands: 'directory_out "$1"; directory "$1"; mount --bind "$s/x" "$j/$1"' },
  {
    name: "bind-mounted parent",
    at: "parents",
    commands: 'directory_out "$1"; directory "$1"; mount --bind "$s/x" "$j/$1"',
  },
  {
    name: "bind mount below",
    at: "place",
    commands: 'directory "$1"; directory_out "$1/mount"; directory "$1/mount"; mount --bind "$s/x" "$j/$1/mount"',
  },
  {
    name: "bind-mounted file",
    at: "place",
    commands: 'file_out "$1"; : >"$j/$1"; own "$1"; mount --bind "$s/x" "$j/$1"',
  },
  {
    name: "tmpfs",
    at: "first place",
    commands: 'directory_out "$1"; roots; directory "$1"; mount -t tmpfs tmpfs "$j/$1"; cp -a "$s/x/." "$j/$1"',
  },
  { name: "FIFO", at: "place", commands: 'way "$1"; clear "$1"; mkfifo "$j/$1"; own_last "$1"' },
  { name: "FIFO below", at: "place", commands: 'directory "$1"; mkfifo "$j/$1/fifo"; own_last "$1/fifo"' },
  { name: "deep path", at: "place", commands: 'directory "$1"; deep "$1"' },
];

/** Paths at which a plant is put for these places. */
export function pathsOf({ at }: Plant, places: readonly string[]): string[] {
  if (at !== "parents") return at === "place" ? [...places] : places.slice(0, 1);
  const parents = places.flatMap((place) =>
    place
      .split("/")
      .slice(0, -1)
      .map((_part, index, parts) => parts.slice(0, index + 1).join("/")),
  );
  return [...new Set(parents)];
}

/** Groups of paths of which none leads through another one of its group, so that one run tries all of a group. */
export function independent(paths: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const path of paths) {
    const group = groups.find(
      (others) => !others.some((other) => `${path}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${path}/`)),
    );
    if (group) group.push(path);
    else groups.push([path]);
  }
  return groups;
}

/** Shell commands that put a plant at each of the paths, in a scene. */
export const planting = ({ commands }: Plant, paths: readonly string[]): string =>
  `plant() { ${commands}; }\nfor path in ${paths.map(quote).join(" ")}; do plant "$path"; done`;
