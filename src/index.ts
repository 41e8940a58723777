export { PythonJail, type PythonJailArgs } from "./components/PythonJail.js";
export { DeviceNode, devicePresets, type DeviceNodeArgs } from "./resources/DeviceNode.js";
export { JailCheck, type JailCheckArgs } from "./resources/JailCheck.js";
export { JailLibraries, type JailLibrariesArgs } from "./resources/JailLibraries.js";
export { JailPermissions, type JailPermissionsArgs } from "./resources/JailPermissions.js";
export { JailRoot, type JailRootArgs } from "./resources/JailRoot.js";
export { PythonBuild, type PythonBuildArgs } from "./resources/PythonBuild.js";
export type { JailArgs } from "./resources/jail.js";
export type { ConnectionArgs } from "./ssh/connection.js";
