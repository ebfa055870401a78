/** There already, or later. What is in memory is answered without a turn of the microtask queue for each step. */
export type Soon<T> = T | Promise<T>

/** `next` with the value, at once when it is there. Throws or rejects as `next` does. */
export function whenThere<T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}
