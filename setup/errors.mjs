// Writes docs/errors.md from the catalogue of failures. Run by `npm run generate`.
import { writeFileSync } from "node:fs";
import page from "../build/test/docs/errors-page.js";

writeFileSync("docs/errors.md", page.errorsPage());
