import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["build/", "node_modules/", ".python3jail/", "src/report/script.js"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // Numbers in texts are what one wants; objects, undefined and the like are mistakes.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // A member that is taken out of the rest by its name is to be left out.
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  {
    // Their own settings are those of Pulumi's template, which find the package only after `npm install`.
    files: ["examples/**/*.ts"],
    languageOptions: { parserOptions: { projectService: false, project: "examples/tsconfig.json" } },
  },
  {
    files: ["test/**/*.ts", "bench/**/*.ts"],
    rules: {
      // In a test a missing value ends the test, as it should.
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
);
