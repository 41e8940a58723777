/**
 * The parts of CPython that a jail does not get by default, by their words in `include`. trim.sh lists the files of
 * each.
 */
export const trims = ["docs", "ensurepip", "headers", "static", "symbols", "tests", "tkinter"] as const;
export type Trim = (typeof trims)[number];

/** The modules of each part. */
const trimmedModules: readonly [RegExp, Trim][] = [
  [/^pydoc_data(\.|$)/, "docs"],
  [/^ensurepip(\.|$)/, "ensurepip"],
  [/^(test(\.|$)|_test|_ctypes_test$|_xxtestfuzz$|xxlimited)|\.(tests?|idle_test)(\.|$)/, "tests"],
  [/^(tkinter|_tkinter|turtle|turtledemo|idlelib)(\.|$)/, "tkinter"],
];

/** The part that `include` must name for the jail to have a module; undefined if every jail has it. */
export function trimOf(module: string): Trim | undefined {
  return trimmedModules.find(([pattern]) => pattern.test(module))?.[1];
}
