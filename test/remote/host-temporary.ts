/** Where tests make the directories of a step's host: a confined step has a /tmp of its own. */
export const hostTemporary = "/var/tmp";
