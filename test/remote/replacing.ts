/** An object with some members replaced. */
export function replacing<T extends object>(original: T, members: Partial<T>): T {
  return Object.create(original, Object.getOwnPropertyDescriptors(members)) as T;
}
