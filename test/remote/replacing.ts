/** The same object, but for some of its members. */
export function replacing<T extends object>(original: T, members: Partial<T>): T {
  return Object.create(original, Object.getOwnPropertyDescriptors(members)) as T;
}
