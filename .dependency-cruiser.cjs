/** Import cycles, layers (docs/architecture.md), and what is imported but not declared. */

/** The folders of src, top to bottom: each imports only from those after it. */
const layers = [
  "cli",
  "report",
  "rollout",
  "status",
  "doctor",
  "fleet",
  "components",
  "resources",
  "kinds",
  "provider",
  "python",
  "audit",
  "jail",
  "inventory",
  "remote",
  "local",
  "ssh",
  "base",
];

/** The files directly in src (program.ts, index.ts, serve.ts, config.ts) are above all folders but `cli`. */
const layerRules = layers.map((layer, index) => ({
  name: `layer-${layer}`,
  severity: "error",
  comment: "a layer imports only from the layers below it: see docs/architecture.md",
  from: { path: `^src/${layer}/` },
  to: {
    path:
      index === 0
        ? ["^src/(program|index|serve)\\.ts$"]
        : [`^src/(${layers.slice(0, index).join("|")})/`, "^src/[^/]+$"],
  },
}));

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "no-circular-folders", severity: "error", scope: "folder", from: {}, to: { circular: true } },
    ...layerRules,
    {
      name: "no-unknown-layer",
      severity: "error",
      comment: "a new folder of src needs a place in the list of layers",
      from: {},
      to: { path: "^src/[^/]+/", pathNot: `^src/(${layers.join("|")})/` },
    },
    {
      name: "not-declared",
      severity: "error",
      from: { path: "^src" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
    { name: "not-from-tests", severity: "error", from: { path: "^src" }, to: { path: "^(test|bench|quickstart)/" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
