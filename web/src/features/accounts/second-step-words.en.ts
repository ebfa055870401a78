export const en = {
  title: 'One more step',
  'passkey.text': 'Your password is right. Now show your passkey.',
  'passkey.go': 'Use your passkey',
  'passkey.instead': 'Use a passkey instead',
  'totp.text': 'Your password is right. Now the code that your app shows.',
  'totp.label': 'Code from your app',
  'totp.instead': 'Use a code from your app instead',
  'recovery.text': 'One of the ten codes that you kept. Each works once.',
  'recovery.label': 'Recovery code',
  'recovery.instead': 'Use a recovery code instead',
  go: 'Sign in',
  back: 'Start over',
}
