/** What a build leaves out of the jail unless it is asked for, by the words of `include`; trim.sh says which files these are. */
export const trims = ["docs", "ensurepip", "headers", "static", "symbols", "tests", "tkinter"] as const;
export type Trim = (typeof trims)[number];

/** The modules that go with what is left out. */
const trimmedModules: readonly [RegExp, Trim][] = [
  [/^pydoc_data(\.|$)/, "docs"],
  [/^ensurepip(\.|$)/, "ensurepip"],
  [/^(test(\.|$)|_test|_ctypes_test$|_xxtestfuzz$|xxlimited)|\.(tests?|idle_test)(\.|$)/, "tests"],
  [/^(tkinter|_tkinter|turtle|turtledemo|idlelib)(\.|$)/, "tkinter"],
];

/** What must be in `include` for a module to be there; undefined where nothing needs to be. */
export function trimOf(module: string): Trim | undefined {
  return trimmedModules.find(([pattern]) => pattern.test(module))?.[1];
}
