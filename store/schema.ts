// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface TenantTables {}
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface SystemTables {}
