import type { ValuesOf } from "../../src/remote/arguments.js";
import type { nodeSteps } from "../../src/kinds/DeviceNode.js";
import type { librarySteps } from "../../src/kinds/JailLibraries.js";
import type { permissionSteps } from "../../src/kinds/JailPermissions.js";
import type { rootSteps } from "../../src/kinds/JailRoot.js";
import type { systemSteps } from "../../src/kinds/JailSystem.js";

/** The directories that every jail has. */
export const folders = ["dev", "lib64", "static", "scratch"];

type RootValues = ValuesOf<typeof rootSteps.apply.args>;
/** The arguments that JailRoot passes for a jail owned by root, without a repository. */
export const rootValues = (some: Partial<RootValues> = {}): RootValues => ({
  id: "an-id",
  owner: "root",
  group: "root",
  url: undefined,
  commit: undefined,
  folders,
  ...some,
});

/** The arguments that DeviceNode passes for /dev/null. */
export const nullNode: ValuesOf<typeof nodeSteps.apply.args> = {
  node: "dev/null",
  type: "c",
  major: 1,
  minor: 3,
  mode: "0666",
  owner: "root",
  group: "root",
};

/** The arguments that JailLibraries passes, without the digest of its program. */
export const closureValues: ValuesOf<typeof librarySteps.apply.args> = {
  closureIs: "a-closure",
  leaving: [],
  mode: "closure",
  tracing: false,
  extra: [],
};

/** What JailSystem gives for a jail that gets nothing of the host's. */
export const systemValues: ValuesOf<typeof systemSteps.apply.args> = {
  locales: [],
  localhost: true,
  hostname: false,
  copies: [],
  links: [],
  shebangs: false,
  timezone: "UTC",
  allTimezones: false,
  timezones: [],
  tmp: "none",
  shm: "none",
  users: ["sandbox:10000:10000:1000:/:/usr/sbin/nologin"],
};

/** The arguments that JailPermissions passes to its read. */
export const rootPolicy: ValuesOf<NonNullable<typeof permissionSteps.read.args>> = {
  owner: "root",
  group: "root",
  scratchGroup: "www-data",
  modes: [],
};
