export type { AccountState, AccountsEvents, AccountsTables } from './accounts-tables.ts'
export type {
  AccountRow,
  AccountsApi,
  AvatarUrls,
  CountChange,
  CountRows,
  RecountReport,
  Relations,
  SignAvatar,
} from './accounts-types.ts'
