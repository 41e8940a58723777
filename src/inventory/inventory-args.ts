/**
 * A file that lists hosts. Give either `openssh` or `ansible`. Relative paths are resolved against the project's
 * folder.
 */
export interface InventoryArgs {
  /**
   * Path of an OpenSSH client configuration. Each name in its `Host` lines is a host, which ssh connects to by that
   * name.
   */
  openssh?: string | undefined;
  /**
   * Path of an Ansible inventory: an INI or YAML file, or a folder of such files. `group_vars` and `host_vars` beside
   * it are read too. A host gets the settings of those groups of the inventory that `groups` has too.
   */
  ansible?: string | undefined;
  /** Pattern with `*` and `?`. Only hosts whose names match it are used. Default: all. */
  match?: string | undefined;
  /** A group of the Ansible inventory. Only its hosts are used. Default: all. */
  group?: string | undefined;
}
