import type { HostSettings, JailSettings } from "./settings.js";

/** The hosts of a fleet, as they are declared. */
export interface FleetDeclaration extends JailSettings {
  /** One entry a jail, as a list, or as a map from the hosts' names. They stand over the inventory's hosts of the same name. */
  hosts?:
    | readonly (HostSettings & { name: string })[]
    | Readonly<Record<string, HostSettings | null | undefined>>
    | undefined;
  /** Settings that hosts share, by the group's name. */
  groups?: Readonly<Record<string, JailSettings>> | undefined;
}
