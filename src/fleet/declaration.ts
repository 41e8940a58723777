import type { HostSettings, JailSettings } from "./settings.js";

/** The declaration of a fleet: its hosts, groups, and settings for all. */
export interface FleetDeclaration extends JailSettings {
  /**
   * One entry for each jail, as a list or as a map from host names. An entry overrides the inventory's host of that
   * name.
   */
  hosts?:
    | readonly (HostSettings & { name: string })[]
    | Readonly<Record<string, HostSettings | null | undefined>>
    | undefined;
  /** Settings that hosts share, by group name. */
  groups?: Readonly<Record<string, JailSettings>> | undefined;
}
