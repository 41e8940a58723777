import type { pythonBuild } from "../../../src/kinds/PythonBuild.js";

export type PythonInputs = Parameters<typeof pythonBuild.apply>[1];

/** The inputs of a PythonBuild that its host builds from a source, with changes. */
export const pythonInputs = (source: PythonInputs["source"], change: Partial<PythonInputs> = {}): PythonInputs => ({
  host: "judge-1",
  connection: { host: "h" },
  path: "/srv/jail",
  source,
  builder: "self",
  mirrors: [],
  configureFlags: [],
  optimize: false,
  include: [],
  jobs: 1,
  requireModules: [],
  installBuildDependencies: false,
  ...change,
});
