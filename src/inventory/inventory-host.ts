import type { Problem } from "../base/problem.js";
import type { Connection } from "../ssh/connection.js";

/** A host of an inventory. */
export interface InventoryHost {
  readonly name: string;
  readonly connection: Partial<Connection>;
  /** The host's groups, from the widest to the narrowest. */
  readonly groups: readonly string[];
}

export interface Inventory {
  readonly hosts: readonly InventoryHost[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

export const noInventory: Inventory = { hosts: [], problems: [], warnings: [] };
