import type { ValuesOf } from "../../src/remote/arguments.js";
import type { nodeSteps } from "../../src/resources/DeviceNode.js";
import type { librarySteps } from "../../src/resources/JailLibraries.js";
import type { permissionSteps } from "../../src/resources/JailPermissions.js";
import type { rootSteps } from "../../src/resources/JailRoot.js";

/** The directories of every jail. */
export const folders = ["dev", "lib64", "static", "scratch"];

type RootValues = ValuesOf<typeof rootSteps.ensure.args>;
/** What JailRoot gives for a jail of root's without a repository. */
export const rootValues = (some: Partial<RootValues> = {}): RootValues => ({
  id: "an-id",
  owner: "root",
  group: "root",
  url: undefined,
  commit: undefined,
  folders,
  ...some,
});

/** What DeviceNode gives for /dev/null. */
export const nullNode: ValuesOf<typeof nodeSteps.ensure.args> = {
  node: "dev/null",
  type: "c",
  major: 1,
  minor: 3,
  mode: "0666",
  owner: "root",
  group: "root",
};

/** What JailLibraries gives, but for the digest of its program. */
export const closureValues: ValuesOf<typeof librarySteps.ensure.args> = {
  closureIs: "a-closure",
  leaving: [],
  mode: "closure",
  tracing: false,
  extra: [],
};

/** What JailPermissions gives to look. */
export const rootPolicy: ValuesOf<NonNullable<typeof permissionSteps.observe.args>> = {
  owner: "root",
  group: "root",
  scratchGroup: "www-data",
  modes: [],
};
