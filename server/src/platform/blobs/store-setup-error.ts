/** What the operator has to mend before anything can be stored; told in the words of the settings. */
export class StoreSetupError extends Error {
  override readonly name = 'StoreSetupError'
}
