import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { cacheRoot } from "../local/cache.js";

// Pulumi's SDK is large, and every engine run starts two Nodes that load it, besides this one. What they have compiled is kept: that is
// a fifth of a second of processor time a start. Imported first, and inherited by the engine; a folder that cannot be written is none.
process.env.NODE_COMPILE_CACHE ??= join(cacheRoot(), "node");
enableCompileCache(process.env.NODE_COMPILE_CACHE);
