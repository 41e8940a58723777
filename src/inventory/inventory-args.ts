/** Where hosts are written down already. Give one of `openssh` and `ansible`; relative paths are the project's. */
export interface InventoryArgs {
  /** An OpenSSH client configuration: each name of its `Host` lines is a host, reached by that name. */
  openssh?: string | undefined;
  /** An Ansible inventory, INI or YAML, a file or a folder of them, with the `group_vars` and `host_vars` beside it. What it says of groups counts where `groups` has one of that name. */
  ansible?: string | undefined;
  /** Only hosts whose name fits this, with `*` and `?`. Default: all. */
  match?: string | undefined;
  /** Only hosts of this group of the Ansible inventory. Default: all. */
  group?: string | undefined;
}
